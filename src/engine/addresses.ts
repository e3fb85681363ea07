/** Which address of a subnet a new interface gets. */
import { type Cidr, cidrSize, formatAddress, networkOf } from "../model/cidr.ts";

/** AWS keeps the first four addresses (network, router, DNS, future) and the last (broadcast). */
const reservedAtStart = 4;
export const reservedPerSubnet = 5;

/**
 * The next free address after `after`, wrapping round, or undefined when the subnet is full. Starting
 * after the last one given out keeps an address from being reused while clients still know its old
 * owner.
 */
export function nextFreeAddress(
  cidr: Cidr,
  used: ReadonlySet<string>,
  after: number | undefined,
): string | undefined {
  const first = networkOf(cidr) + reservedAtStart;
  const usable = cidrSize(cidr) - reservedPerSubnet;
  const offset = after === undefined ? 0 : after + 1 - first;
  for (let step = 0; step < usable; step++) {
    const candidate = formatAddress(first + ((((offset + step) % usable) + usable) % usable));
    if (!used.has(candidate)) return candidate;
  }
  return undefined;
}
