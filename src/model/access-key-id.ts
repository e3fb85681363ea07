/**
 * Access key ids. As on AWS they hold the number of their account, so that a key is found without
 * looking through every account: four letters of the kind (`AKIA` lasts, `ASIA` is of a session),
 * then 80 bits in base 32, of which the first is set, forty are the account and the rest is chance.
 */

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const pattern = /^(AKIA|ASIA)([A-Z2-7]{16})$/;
const randomBits = 39n;

/** `random` is 8 letters of `iamAlphabet`, 40 bits of which 39 are used. */
export function formatAccessKeyId(kind: "AKIA" | "ASIA", account: string, random: string): string {
  const chance = toNumber(random) & ((1n << randomBits) - 1n);
  const bits = (1n << 79n) | (BigInt(account) << randomBits) | chance;
  let letters = "";
  for (let at = 75n; at >= 0n; at -= 5n) letters += alphabet[Number((bits >> at) & 31n)];
  return kind + letters;
}

/** Twelve digits, or undefined when `id` is not an access key id of AWS's form. */
export function accountOfAccessKeyId(id: string): string | undefined {
  const letters = pattern.exec(id)?.[2];
  if (letters === undefined) return undefined;
  const account = (toNumber(letters) >> randomBits) & ((1n << 40n) - 1n);
  const digits = String(account).padStart(12, "0");
  return digits.length === 12 ? digits : undefined;
}

const toNumber = (letters: string): bigint =>
  [...letters].reduce((sum, letter) => sum * 32n + BigInt(alphabet.indexOf(letter)), 0n);
