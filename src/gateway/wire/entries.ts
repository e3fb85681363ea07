/** Objects whose keys come from a request. */

/** Sets an own property whatever its name: plain assignment to `__proto__` would set something else. */
export function setEntry(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") {
    target[key] = value;
    return;
  }
  Object.defineProperty(target, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

// What is nested deeper than any shape says something, and is not worth the stack to look through.
const deepest = 64;

/** Whether a value says nothing: absent, empty, false, zero, or made of such values only. */
export function isDefault(value: unknown, depth = 0): boolean {
  if (value === undefined || value === null || value === "" || value === false || value === 0) {
    return true;
  }
  if (typeof value !== "object" || value instanceof Date || depth > deepest) return false;
  if (value instanceof Uint8Array) return value.byteLength === 0;
  if (Array.isArray(value)) return value.length === 0;
  return Object.values(value).every((held) => isDefault(held, depth + 1));
}
