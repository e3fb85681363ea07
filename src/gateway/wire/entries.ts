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

/** Whether a value says nothing: absent, empty, false, zero, or made of such values only. */
export function isDefault(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false || value === 0) {
    return true;
  }
  if (typeof value !== "object" || value instanceof Date) return false;
  if (value instanceof Uint8Array) return value.byteLength === 0;
  return Array.isArray(value) ? value.length === 0 : Object.values(value).every(isDefault);
}
