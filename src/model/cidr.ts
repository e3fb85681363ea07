/** IPv4 addresses and blocks as numbers and text. */

export type Cidr = { readonly base: number; readonly bits: number };

/** The 32 bits of a dotted address, or undefined when `text` is not one. */
export function parseAddress(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  let value = 0;
  for (const part of match.slice(1)) {
    const octet = Number(part);
    if (octet > 255) return undefined;
    value = value * 256 + octet;
  }
  return value;
}

export function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
}

const mostKnown = 1_000;
// The blocks of subnets and rules are looked at again and again, by their records' text.
const known = new Map<string, Cidr>();

/** The block as written, host bits kept; undefined when `text` is not one. */
export function parseCidr(text: string): Cidr | undefined {
  const found = known.get(text);
  if (found) return found;
  const cidr = readCidr(text);
  if (known.size >= mostKnown) known.clear();
  if (cidr) known.set(text, cidr);
  return cidr;
}

function readCidr(text: string): Cidr | undefined {
  const match = /^([\d.]+)\/(\d{1,2})$/.exec(text);
  const base = match?.[1] === undefined ? undefined : parseAddress(match[1]);
  const bits = Number(match?.[2]);
  if (base === undefined || !(bits <= 32)) return undefined;
  return { base, bits };
}

/** Number of addresses in the block. */
export const cidrSize = (cidr: Cidr): number => 2 ** (32 - cidr.bits);

/** First address of the block, host bits cleared. */
export const networkOf = (cidr: Cidr): number =>
  Math.floor(cidr.base / cidrSize(cidr)) * cidrSize(cidr);

export const formatCidr = (cidr: Cidr): string => `${formatAddress(networkOf(cidr))}/${cidr.bits}`;

export const containsAddress = (cidr: Cidr, address: number): boolean => {
  const network = networkOf(cidr);
  return address >= network && address < network + cidrSize(cidr);
};

export const containsCidr = (outer: Cidr, inner: Cidr): boolean =>
  inner.bits >= outer.bits && containsAddress(outer, networkOf(inner));

export const overlaps = (a: Cidr, b: Cidr): boolean => containsCidr(a, b) || containsCidr(b, a);
