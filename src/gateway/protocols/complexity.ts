/**
 * How many values a document may have. A body within the limit of its size can hold millions, and the
 * thread that all requests share would be busy with them for seconds.
 */

/** Twice what AWS takes in the request with the most, 10 000 log events. */
export const mostValues = 100_000;

// Smaller ones cannot keep anybody busy for long.
const harmlessBytes = 128 * 1024;

const [quote, backslash] = [0x22, 0x5c];
const separators = new Set([..."[{,:"].map((character) => character.charCodeAt(0)));

/** Whether a JSON text has more than `mostValues`: told without making any of them. */
export function hasTooManyValues(text: Uint8Array): boolean {
  if (text.length <= harmlessBytes) return false;
  let values = 0;
  let isText = false;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at] ?? 0;
    if (isText) {
      if (byte === backslash) at++;
      else if (byte === quote) isText = false;
    } else if (byte === quote) isText = true;
    else if (byte < 0x80 && separators.has(byte) && ++values > mostValues) return true;
  }
  return false;
}
