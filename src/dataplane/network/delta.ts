/** What separates two states of named things: the difference that a driver has to apply. */

export type Delta<V> = {
  readonly add: ReadonlyMap<string, V>;
  /** In both, with another value; holds the wanted one. */
  readonly change: ReadonlyMap<string, V>;
  /** No longer wanted; holds what is there. */
  readonly remove: ReadonlyMap<string, V>;
};

/** Values are alike when their JSON is. */
export function deltaOf<V>(
  actual: ReadonlyMap<string, V>,
  desired: ReadonlyMap<string, V>,
): Delta<V> {
  const add = new Map<string, V>();
  const change = new Map<string, V>();
  const remove = new Map<string, V>();
  for (const [key, value] of desired) {
    const present = actual.get(key);
    if (!actual.has(key)) add.set(key, value);
    else if (present !== value && JSON.stringify(present) !== JSON.stringify(value)) {
      change.set(key, value);
    }
  }
  for (const [key, value] of actual) if (!desired.has(key)) remove.set(key, value);
  return { add, change, remove };
}

export const isEmpty = (delta: Delta<unknown>): boolean =>
  delta.add.size + delta.change.size + delta.remove.size === 0;
