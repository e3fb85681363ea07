/**
 * How EC2's operations are declared: DryRun, and the default VPC that a region has before anything
 * is asked of it. Because of that even describing may write.
 */
import type { ConditionValues } from "../../engine/policy/condition-keys.ts";
import {
  type Accepts,
  type ReadContext,
  type WriteContext,
  type WriteOperation,
  write,
} from "../../gateway/service.ts";
import { formatArn } from "../../model/arn.ts";
import type { Scope } from "../../model/scope.ts";
import { vpcArn } from "../../state/ec2-resource-keys.ts";
import { subnets } from "../../state/tables/network.ts";
import { ensureDefaultVpc } from "./default-vpc.ts";
import { dryRunSucceeded } from "./errors.ts";

type DryRunnable = { DryRun?: boolean | undefined };

type Declaration<Name extends string, Input, Output> = {
  readonly name: Name;
  /** ARNs it is authorised on; `*` when not given. */
  readonly resources?: (input: Input, scope: Scope) => readonly string[];
  readonly accepts: Accepts<Input>;
  readonly stored?: readonly string[];
  readonly run: (context: WriteContext, input: Input) => Output;
};

/** Declares an operation of EC2. A dry run is a whole run that is then undone. */
export function operation<Input extends DryRunnable, Output>(
  declaration: Declaration<string, Input, Output>,
): WriteOperation<Input, Output> {
  const { name, resources, accepts, stored, run } = declaration;
  return write<Input, Output>({
    action: `ec2:${name}`,
    resources: (input, { scope }) => resources?.(input, scope) ?? ["*"],
    conditions: (input, context) => ({
      "ec2:Region": context.scope.region,
      ...newKeys(input, context),
    }),
    accepts: { ...accepts, DryRun: true },
    ...(stored && { stored }),
    run: (context, input) => {
      ensureDefaultVpc(context);
      const output = run(context, input);
      if (input.DryRun) throw dryRunSucceeded();
      return output;
    },
  });
}

/** What conditions may know of what is made from what it is made in; what is there tells it itself. */
function newKeys(input: object, { tx, scope }: ReadContext): ConditionValues {
  const { VpcId, SubnetId, ServiceName } = input as { readonly [member: string]: unknown };
  const subnet = typeof SubnetId === "string" ? tx.table(subnets).get(scope, SubnetId) : undefined;
  const vpcId = typeof VpcId === "string" ? VpcId : subnet?.vpcId;
  return {
    ...(vpcId !== undefined && { "ec2:Vpc": vpcArn(scope, vpcId) }),
    ...(subnet && { "ec2:Subnet": arnOf(scope, "subnet", subnet.subnetId) }),
    ...(typeof ServiceName === "string" && { "ec2:VpceServiceName": ServiceName }),
  };
}

/** `arn:aws:ec2:<region>:<account>:<type>/<id>`; any of the type when the id is not given. */
export const arnOf = (scope: Scope, type: string, id: string | undefined): string =>
  formatArn("ec2", scope, `${type}/${id ?? "*"}`);
