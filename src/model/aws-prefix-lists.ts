/**
 * The prefix lists that AWS keeps in each region: the addresses of the services that gateway
 * endpoints lead to. The blocks are of those kept for documentation, so that they are no real host's.
 */
import { fnv1a } from "./hash.ts";

export type AwsPrefixList = {
  /** `pl-` and 8 hex digits that follow from the name. */
  readonly prefixListId: string;
  /** The name of the service, `com.amazonaws.<region>.s3`. */
  readonly prefixListName: string;
  readonly cidrs: readonly string[];
};

const blocks: Readonly<Record<string, string>> = {
  dynamodb: "198.51.100.128/25",
  s3: "198.51.100.0/25",
};

export const awsPrefixLists = (region: string): readonly AwsPrefixList[] =>
  Object.entries(blocks).map(([service, cidr]) => {
    const prefixListName = `com.amazonaws.${region}.${service}`;
    const digits = fnv1a(prefixListName).toString(16).padStart(8, "0");
    return { prefixListId: `pl-${digits}`, prefixListName, cidrs: [cidr] };
  });
