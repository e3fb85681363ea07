/**
 * What a definition may say that Fargate has no part for: refused for Fargate in its words, and kept as it
 * was given for launch types on instances.
 */
import type { InstanceSettings } from "../../model/ecs.ts";
import type { clientError } from "./errors.ts";

/** The members of an input that say something, be it no (AWS shows that too); undefined when none does. */
export function pickSettings(
  input: object,
  members: readonly string[],
): InstanceSettings | undefined {
  const said = Object.entries(input).filter(
    ([member, value]) => members.includes(member) && (value === false || asksForSomething(value)),
  );
  return said.length > 0 ? Object.fromEntries(said) : undefined;
}

/** The members that are lists and empty, which AWS shows as they were given. */
export const pickEmptyLists = (input: object, members: readonly string[]): InstanceSettings =>
  Object.fromEntries(
    Object.entries(input).filter(
      ([member, value]) => members.includes(member) && Array.isArray(value) && value.length === 0,
    ),
  );

/** Throws `refusal` of the first member that asks for something. */
export function refuseSettings(
  input: object,
  members: readonly string[],
  refusal: (member: string) => ReturnType<typeof clientError>,
): void {
  const values = input as Readonly<Record<string, unknown>>;
  const first = members.find((member) => asksForSomething(values[member]));
  if (first !== undefined) throw refusal(first);
}

const asksForSomething = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== false &&
  value !== "" &&
  !(Array.isArray(value) && value.length === 0);
