/** What is set on a log group after it was made: its KMS key and its protection from deletion. */
import type * as Logs from "@aws-sdk/client-cloudwatch-logs";
import { type WriteContext, write } from "../../gateway/service.ts";
import type { LogGroup } from "../../model/logs.ts";
import type { Scope } from "../../model/scope.ts";
import { logGroups } from "../../state/tables/logs.ts";
import { invalidParameter } from "./errors.ts";
import { groupArns, groupNameOf, nameOfIdentifier, requireGroup } from "./lookup.ts";

type KeyInput = {
  readonly logGroupName?: string | undefined;
  readonly resourceIdentifier?: string | undefined;
};

const keyArns = (input: KeyInput, context: WriteContext | Parameters<typeof groupArns>[1]) =>
  groupArns(toGroupInput(input, context.scope), context);

const toGroupInput = ({ logGroupName, resourceIdentifier }: KeyInput, scope: Scope) =>
  resourceIdentifier === undefined
    ? { logGroupName }
    : { logGroupName: nameOfIdentifier(resourceIdentifier, scope) };

function requireKeyedGroup(context: WriteContext, input: KeyInput): LogGroup {
  if ((input.logGroupName === undefined) === (input.resourceIdentifier === undefined)) {
    throw invalidParameter("Exactly one of logGroupName and resourceIdentifier must be specified.");
  }
  if (/:query-result:/.test(input.resourceIdentifier ?? "")) {
    throw invalidParameter("Neargate encrypts no query results yet; name a log group.");
  }
  return requireGroup(context, toGroupInput(input, context.scope).logGroupName);
}

export const associateKmsKey = write<Logs.AssociateKmsKeyRequest, Record<string, never>>({
  action: "logs:AssociateKmsKey",
  resources: keyArns,
  accepts: { logGroupName: true, resourceIdentifier: true, kmsKeyId: true },
  stored: ["kmsKeyId"],
  run(context, input) {
    const group = requireKeyedGroup(context, input);
    context.tx.table(logGroups).put({ ...group, kmsKeyId: validateKeyArn(input.kmsKeyId) });
    return {};
  },
});

export const disassociateKmsKey = write<Logs.DisassociateKmsKeyRequest, Record<string, never>>({
  action: "logs:DisassociateKmsKey",
  resources: keyArns,
  accepts: { logGroupName: true, resourceIdentifier: true },
  run(context, input) {
    const group = requireKeyedGroup(context, input);
    context.tx.table(logGroups).put({ ...group, kmsKeyId: undefined });
    return {};
  },
});

/** CloudWatch Logs wants the ARN of a key, where other services take an alias, too. */
function validateKeyArn(key: string | undefined): string {
  if (key !== undefined && /^arn:[^:]+:kms:[^:]+:\d{12}:key\/.+$/.test(key)) return key;
  throw invalidParameter("The specified KMS key is not the ARN of a key.");
}

export const putLogGroupDeletionProtection = write<
  Logs.PutLogGroupDeletionProtectionRequest,
  Record<string, never>
>({
  action: "logs:PutLogGroupDeletionProtection",
  resources: groupArns,
  accepts: { logGroupIdentifier: true, deletionProtectionEnabled: true },
  run(context, input) {
    const group = requireGroup(context, groupNameOf(input, context.scope));
    const deletionProtected = input.deletionProtectionEnabled ?? false;
    context.tx.table(logGroups).put({ ...group, deletionProtected });
    return {};
  },
});
