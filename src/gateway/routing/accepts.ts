/** Input members that an operation does not act on: silently dropping one would be a lie. */
import type { Structure } from "../protocols/protocol.ts";
import type { AnyAccepts } from "../service.ts";
import { isDefault } from "../wire/entries.ts";

/** Paths of the members that say something and that `accepts` does not name. */
export function findUnacted(input: Structure, accepts: AnyAccepts, path = ""): string[] {
  const found: string[] = [];
  for (const name of Object.keys(input)) {
    const accepted = Object.hasOwn(accepts, name) ? accepts[name] : undefined;
    const value = input[name];
    if (accepted === true || isDefault(value)) continue;
    const here = path === "" ? name : `${path}.${name}`;
    if (accepted === undefined) found.push(here);
    else for (const one of elementsOf(value)) found.push(...findUnacted(one, accepted, here));
  }
  return found;
}

function elementsOf(value: unknown): Structure[] {
  const elements: readonly unknown[] = Array.isArray(value) ? value : [value];
  return elements.filter(
    (element): element is Structure => typeof element === "object" && element !== null,
  );
}
