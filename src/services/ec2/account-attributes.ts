/** DescribeAccountAttributes: what an account has and may have in a region. */
import type {
  AccountAttributeName,
  DescribeAccountAttributesRequest,
  DescribeAccountAttributesResult,
} from "@aws-sdk/client-ec2";
import { findDefaultVpc } from "./default-vpc.ts";
import { chosen } from "./describe.ts";
import { invalidValue } from "./errors.ts";
import { operation } from "./operation.ts";
import type { Context } from "./resources.ts";

const names: readonly AccountAttributeName[] = ["supported-platforms", "default-vpc"];

const valuesOf = (context: Context, name: string): string[] =>
  name === "default-vpc" ? [findDefaultVpc(context)?.vpcId ?? "none"] : ["VPC"];

export const describeAccountAttributes = operation<
  DescribeAccountAttributesRequest,
  DescribeAccountAttributesResult
>({
  name: "DescribeAccountAttributes",
  accepts: { AttributeNames: true },
  run(context, input) {
    const asked = chosen<string>(
      input.AttributeNames,
      () => names,
      (name) => {
        if (names.some((known) => known === name)) return name;
        throw invalidValue("attributeName", name, `Expecting ${names.join(" or ")}.`);
      },
    );
    return {
      AccountAttributes: asked.map((name) => ({
        AttributeName: name,
        AttributeValues: valuesOf(context, name).map((value) => ({ AttributeValue: value })),
      })),
    };
  },
});
