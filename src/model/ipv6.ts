/** IPv6 blocks as text; Neargate routes none, but security group rules and policies name them. */

/** The block in canonical form, host bits cleared (`::/0`, `2001:db8::/32`), or undefined. */
export function canonicalIpv6Cidr(text: string): string | undefined {
  const [address = "", bitsText = "", ...rest] = text.split("/");
  const bits = Number(bitsText);
  if (rest.length > 0 || !/^\d{1,3}$/.test(bitsText) || bits > 128) return undefined;
  const groups = parseGroups(address);
  if (!groups) return undefined;
  const masked = groups.map((group, at) => {
    const kept = Math.min(16, Math.max(0, bits - at * 16));
    return group & (0xffff << (16 - kept)) & 0xffff;
  });
  return `${formatGroups(masked)}/${bits}`;
}

/** The eight groups of an address written with groups alone (no dotted tail). */
function parseGroups(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array<string>(missing).fill("0"), ...tail];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.map((group) => Number.parseInt(group, 16));
}

function formatGroups(groups: readonly number[]): string {
  const { start, length } = longestZeros(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  return best;
}

/** Whether the block (or the one address) `cidr` holds `address`; false when either is none. */
export function containsIpv6(cidr: string, address: string): boolean {
  const [, bits = "128"] = cidr.split("/");
  const block = canonicalIpv6Cidr(cidr.includes("/") ? cidr : `${cidr}/128`);
  return block !== undefined && block === canonicalIpv6Cidr(`${address}/${bits}`);
}
