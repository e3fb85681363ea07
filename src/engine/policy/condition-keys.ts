/** What is known of a request for the conditions of policies, by key. */

export type ConditionKeys = {
  /** The values of a key, whose name is taken without regard to case; undefined when it is not known. */
  get(key: string): readonly string[] | undefined;
};

export type ConditionValues = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>;

/** Later records go over earlier ones. A key without a value, or with an empty list, is not there. */
export function conditionKeys(...records: readonly ConditionValues[]): ConditionKeys {
  const held = new Map<string, readonly string[]>();
  for (const record of records) {
    for (const [key, value] of Object.entries(record)) {
      if (value === undefined) continue;
      const values = typeof value === "object" ? value : [String(value)];
      if (values.length > 0) held.set(key.toLowerCase(), values);
    }
  }
  return { get: (key) => held.get(key.toLowerCase()) };
}
