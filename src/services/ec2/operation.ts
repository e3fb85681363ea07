/**
 * How EC2's operations are declared: DryRun, and the default VPC that a region has before anything
 * is asked of it. Because of that even describing may write.
 */
import {
  type Accepts,
  type WriteContext,
  type WriteOperation,
  write,
} from "../../gateway/service.ts";
import { formatArn } from "../../model/arn.ts";
import type { Scope } from "../../model/scope.ts";
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
    conditions: (_, { scope }) => ({ "ec2:Region": scope.region }),
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

/** `arn:aws:ec2:<region>:<account>:<type>/<id>`; any of the type when the id is not given. */
export const arnOf = (scope: Scope, type: string, id: string | undefined): string =>
  formatArn("ec2", scope, `${type}/${id ?? "*"}`);
