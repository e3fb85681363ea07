/** The blocks that VPCs and subnets may have. */
import { type Cidr, formatCidr, overlaps, parseCidr } from "../../model/cidr.ts";
import { invalidValue, invalidVpcRange, missingParameter } from "./errors.ts";

const largest = 16;
const smallest = 28;

/** Blocks that no VPC can have. */
const forbidden = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "198.19.0.0/16", "224.0.0.0/3"];

/** The block, host bits cleared as AWS does. `parameter` is the wire's name for it. */
export function parseBlock(text: string | undefined, parameter: string): Cidr {
  if (!text) throw missingParameter(parameter);
  const cidr = parseCidr(text);
  if (!cidr) throw invalidValue(parameter, text, "This is not a valid CIDR block.");
  return requireBlock(formatCidr(cidr));
}

/** Of text that is known to be a block, such as a record's. */
export function requireBlock(text: string): Cidr {
  const cidr = parseCidr(text);
  if (!cidr) throw new Error(`${text} is not a CIDR block`);
  return cidr;
}

export function checkVpcBlock(cidr: Cidr): void {
  const isForbidden = forbidden.some((block) => overlaps(requireBlock(block), cidr));
  if (isForbidden || !hasUsableSize(cidr)) {
    throw invalidVpcRange(formatCidr(cidr));
  }
}

export const hasUsableSize = (cidr: Cidr): boolean => cidr.bits >= largest && cidr.bits <= smallest;
