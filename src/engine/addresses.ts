/** Which address of a subnet a new interface gets. */
import {
  type Cidr,
  cidrSize,
  containsAddress,
  formatAddress,
  networkOf,
  parseAddress,
} from "../model/cidr.ts";

/** AWS keeps the first four addresses (network, router, DNS, future) and the last (broadcast). */
const reservedAtStart = 4;
export const reservedPerSubnet = 5;

/** What may not be given out of a subnet. */
export type Taken = {
  /** Addresses of interfaces. */
  readonly used: ReadonlySet<string>;
  /** Blocks that are kept for those who ask for one of their addresses. */
  readonly reserved: readonly Cidr[];
};

/**
 * The next free address after `after`, wrapping round, or undefined when the subnet is full. Starting
 * after the last one given out keeps an address from being reused while clients still know its old
 * owner.
 */
export function nextFreeAddress(
  cidr: Cidr,
  { used, reserved }: Taken,
  after: number | undefined,
): string | undefined {
  const first = networkOf(cidr) + reservedAtStart;
  const usable = cidrSize(cidr) - reservedPerSubnet;
  const offset = after === undefined ? 0 : after + 1 - first;
  for (let step = 0; step < usable; step++) {
    const candidate = first + ((((offset + step) % usable) + usable) % usable);
    if (reserved.some((block) => containsAddress(block, candidate))) continue;
    const address = formatAddress(candidate);
    if (!used.has(address)) return address;
  }
  return undefined;
}

/** How many addresses there are to give out. A block that is kept has none, whoever uses part of it. */
export function freeAddressCount(cidr: Cidr, { used, reserved }: Taken): number {
  const all = cidrSize(cidr) - reservedPerSubnet;
  if (reserved.length === 0) return all - used.size;
  const first = networkOf(cidr) + reservedAtStart;
  const last = first + all - 1;
  const kept = reserved.map((block) => {
    const [from, to] = [networkOf(block), networkOf(block) + cidrSize(block) - 1];
    return Math.max(0, Math.min(to, last) - Math.max(from, first) + 1);
  });
  const others = [...used].filter((address) => {
    const value = parseAddress(address) ?? 0;
    return !reserved.some((block) => containsAddress(block, value));
  });
  return all - kept.reduce((sum, count) => sum + count, 0) - others.length;
}
