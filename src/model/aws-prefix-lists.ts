/**
 * The prefix lists that AWS keeps in each region: the addresses of the services that gateway
 * endpoints lead to, and of CloudFront, which groups let in before a balancer. The blocks are of those
 * kept for documentation, so that they are no real host's.
 */
import { fnv1a } from "./hash.ts";

export type AwsPrefixList = {
  /** `pl-` and 8 hex digits that follow from the name and the region. */
  readonly prefixListId: string;
  /** `com.amazonaws.<region>.s3`, `com.amazonaws.global.cloudfront.origin-facing`. */
  readonly prefixListName: string;
  readonly cidrs: readonly string[];
  /** For how many rules it counts in a security group. */
  readonly weight: number;
};

const services: Readonly<Record<string, string>> = {
  dynamodb: "198.51.100.128/25",
  s3: "198.51.100.0/25",
};

export const awsPrefixLists = (region: string): readonly AwsPrefixList[] => [
  ...Object.entries(services).map(([service, cidr]) => {
    const prefixListName = `com.amazonaws.${region}.${service}`;
    return { prefixListId: idOf(prefixListName), prefixListName, cidrs: [cidr], weight: 1 };
  }),
  {
    prefixListId: idOf(`${region}.cloudfront`),
    prefixListName: "com.amazonaws.global.cloudfront.origin-facing",
    cidrs: ["192.0.2.0/24"],
    weight: 55,
  },
];

const idOf = (name: string): string => `pl-${fnv1a(name).toString(16).padStart(8, "0")}`;
