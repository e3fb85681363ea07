/** The entries of a customer-managed prefix list: what they may be, and the next version of them. */
import type { AddPrefixListEntry, RemovePrefixListEntry } from "@aws-sdk/client-ec2";
import { formatCidr, parseCidr } from "../../model/cidr.ts";
import { canonicalIpv6Cidr } from "../../model/ipv6.ts";
import type { PrefixList, PrefixListEntry } from "../../model/network.ts";
import { invalidParameterValue, missingParameter } from "./errors.ts";
import { tooManyEntries } from "./link-errors.ts";

const longestDescription = 255;

/** The entries as they are kept. Throws when one is not of the family, or given twice. */
export function checkEntries(
  family: PrefixList["addressFamily"],
  entries: readonly AddPrefixListEntry[],
): PrefixListEntry[] {
  const checked = entries.map(({ Cidr, Description }) => ({
    cidr: blockOf(family, Cidr),
    description: descriptionOf(Description),
  }));
  checked.forEach(({ cidr }, at) => {
    if (checked.findIndex((other) => other.cidr === cidr) < at) throw duplicate(cidr);
  });
  return checked;
}

/** `old` without what is removed and with what is added. */
export function nextEntries(
  { addressFamily, maxEntries }: PrefixList,
  old: readonly PrefixListEntry[],
  add: readonly AddPrefixListEntry[],
  remove: readonly RemovePrefixListEntry[],
): PrefixListEntry[] {
  const added = checkEntries(addressFamily, add);
  const removed = remove.map(({ Cidr }) => blockOf(addressFamily, Cidr));
  for (const cidr of removed) {
    if (added.some((entry) => entry.cidr === cidr)) {
      throw invalidParameterValue(
        `Request cannot contain Cidr ${cidr} in both AddPrefixListEntries and RemovePrefixListEntries`,
      );
    }
    if (!old.some((entry) => entry.cidr === cidr)) {
      throw invalidParameterValue(`The CIDR ${cidr} is not an entry of the prefix list.`);
    }
  }
  const kept = old.filter((entry) => !removed.includes(entry.cidr));
  const twice = added.find(({ cidr }) => kept.some((entry) => entry.cidr === cidr));
  if (twice) throw duplicate(twice.cidr);
  const entries = [...kept, ...added];
  if (entries.length > maxEntries) throw tooManyEntries(maxEntries);
  return entries;
}

const duplicate = (cidr: string) =>
  invalidParameterValue(`Duplicate CIDR ${cidr} in the entries of the prefix list.`);

function blockOf(family: PrefixList["addressFamily"], text: string | undefined): string {
  if (!text) throw missingParameter("Cidr");
  const block = family === "IPv4" ? ipv4Of(text) : canonicalIpv6Cidr(text);
  if (block) return block;
  throw invalidParameterValue(`Invalid CIDR: ${text} is not a valid ${family} CIDR block.`);
}

function ipv4Of(text: string): string | undefined {
  const cidr = parseCidr(text);
  return cidr && formatCidr(cidr);
}

function descriptionOf(text: string | undefined): string | undefined {
  if (!text) return undefined;
  if (text.length <= longestDescription) return text;
  throw invalidParameterValue(
    `The description of a prefix list entry cannot be longer than ${longestDescription} characters.`,
  );
}
