/** The whole list of the demo's resources, in an order in which each finds what it needs. */
import { networkResources } from "./network-resources.ts";
import type { Clients, Made, Resource, Settings } from "./resource.ts";
import { serviceResources } from "./service-resources.ts";

export const helloFargate = (settings: Settings): Resource[] => [
  ...networkResources(settings),
  ...serviceResources(settings),
];

/** Makes every resource of the list in order; `onMade` hears of each. */
export async function makeResources(
  resources: readonly Resource[],
  clients: Clients,
  onMade: (resource: Resource, id: string) => void,
): Promise<Made> {
  const ids = new Map<string, string>();
  const made: Made = {
    id(name) {
      const id = ids.get(name);
      if (id === undefined) throw new Error(`${name} is not made before it is needed`);
      return id;
    },
  };
  for (const resource of resources) {
    const id = await resource.make(clients, made);
    ids.set(`${resource.type}.${resource.name}`, id);
    onMade(resource, id);
  }
  return made;
}
