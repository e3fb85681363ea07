/** What is known of a request for the conditions of policies, by key. */

export type ConditionKeys = {
  /** The values of a key, whose name is taken without regard to case; undefined when it is not known. */
  get(key: string): readonly string[] | undefined;
};

export type ConditionValues = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>;

/** A record of keys, or how to make it: few policies ask for any. */
export type ConditionSource = ConditionValues | (() => ConditionValues);

/**
 * Later records go over earlier ones. A key without a value, or with an empty list, is not there.
 * Nothing is read before the first key is asked for.
 */
export function conditionKeys(...sources: readonly ConditionSource[]): ConditionKeys {
  let held: ReadonlyMap<string, readonly string[]> | undefined;
  return {
    get(key) {
      held ??= collect(sources);
      return held.get(key.toLowerCase());
    },
  };
}

/** Every key with its values, by the names that it was given under; later records go over earlier ones. */
export function listConditions(
  ...sources: readonly ConditionSource[]
): (readonly [key: string, values: readonly string[]])[] {
  const named = new Map<string, string>();
  for (const source of sources) {
    const record = typeof source === "function" ? source() : source;
    for (const key of Object.keys(record)) named.set(key.toLowerCase(), key);
  }
  return [...collect(sources)].map(([key, values]) => [named.get(key) ?? key, values] as const);
}

function collect(sources: readonly ConditionSource[]): ReadonlyMap<string, readonly string[]> {
  const held = new Map<string, readonly string[]>();
  for (const source of sources) {
    const record = typeof source === "function" ? source() : source;
    for (const [key, value] of Object.entries(record)) {
      if (value === undefined) continue;
      const values = typeof value === "object" ? value : [String(value)];
      if (values.length > 0) held.set(key.toLowerCase(), values);
    }
  }
  return held;
}
