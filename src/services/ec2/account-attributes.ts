/** DescribeAccountAttributes: what an account has and may have in a region. */
import type {
  AccountAttributeName,
  DescribeAccountAttributesRequest,
  DescribeAccountAttributesResult,
} from "@aws-sdk/client-ec2";
import { mostPublicAddresses } from "../../state/public-addresses.ts";
import { findDefaultVpc } from "./default-vpc.ts";
import { chosen } from "./describe.ts";
import { invalidValue } from "./errors.ts";
import { mostGroupsPerInterface } from "./new-interface.ts";
import { operation } from "./operation.ts";
import type { Context } from "./resources.ts";

/** Those that are the same for every account: what holds here, where it is more than an account of AWS has. */
const constants: Readonly<Record<string, string>> = {
  "supported-platforms": "VPC",
  "vpc-max-security-groups-per-interface": String(mostGroupsPerInterface),
  "max-elastic-ips": String(mostPublicAddresses),
  "vpc-max-elastic-ips": String(mostPublicAddresses),
  "max-instances": "0",
};

const names: readonly string[] = [
  "supported-platforms",
  "default-vpc",
  "vpc-max-security-groups-per-interface",
  "max-elastic-ips",
  "vpc-max-elastic-ips",
  "max-instances",
];

const attributeOf = (context: Context, name: string): string =>
  constants[name] ?? findDefaultVpc(context)?.vpcId ?? "none";

export const describeAccountAttributes = operation<
  DescribeAccountAttributesRequest,
  DescribeAccountAttributesResult
>({
  name: "DescribeAccountAttributes",
  accepts: { AttributeNames: true },
  run(context, input) {
    const asked = chosen(
      input.AttributeNames,
      () => names,
      (name) => {
        const known = names.find((candidate) => candidate === name);
        if (known) return known;
        throw invalidValue("attributeName", name, `Expecting ${names.join(" or ")}.`);
      },
    );
    return {
      AccountAttributes: asked.map((name) => ({
        // The SDK's type has two of the names that EC2 has.
        AttributeName: name as AccountAttributeName,
        AttributeValues: [{ AttributeValue: attributeOf(context, name) }],
      })),
    };
  },
});
