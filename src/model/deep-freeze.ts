/** Values that nobody can change any more, so that what was made of one may be kept with it. */

/** Freezes a value of plain objects and arrays, all that is in it too. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const held of Object.values(value)) deepFreeze(held);
  return Object.freeze(value);
}
