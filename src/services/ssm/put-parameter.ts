/** PutParameter: a new parameter, or a new version of one that is there. */
import type * as Ssm from "@aws-sdk/client-ssm";
import { explainName, hierarchyText, isTooDeep } from "../../engine/ssm/names.ts";
import { readPolicies, renewPolicies } from "../../engine/ssm/policies.ts";
import { ApiError } from "../../gateway/api-error.ts";
import { checkConstraints } from "../../gateway/constraints.ts";
import { authorizeKeyUse } from "../../gateway/key-use.ts";
import { type WriteContext, type WriteOperation, write } from "../../gateway/service.ts";
import {
  type Parameter,
  type ParameterPolicy,
  type ParameterTier,
  type ParameterType,
  type ParameterVersion,
  parameterTypes,
} from "../../model/ssm.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { encryptUnder, ensureKmsKey } from "../../state/kms.ts";
import {
  latestVersion,
  parameterArn,
  parameterContext,
  parameterNamed,
  versionsOf,
} from "../../state/ssm.ts";
import { parameters, parameterVersionKey, parameterVersions } from "../../state/tables/ssm.ts";
import {
  explainKeyFailure,
  parameterExists,
  reservedName,
  typeChanged,
  validation,
} from "./errors.ts";
import { nameBounds, parameterArns, type SsmDependencies, toCall } from "./lookup.ts";
import { defaultTier } from "./service-settings.ts";
import { toTags } from "./tags.ts";
import { checkValue, chooseTier } from "./values.ts";

const mostVersions = 100;
const tiers = ["Standard", "Advanced", "Intelligent-Tiering"];
const defaultKey = "alias/aws/ssm";

export function putParameter({
  sealing,
}: SsmDependencies): WriteOperation<Ssm.PutParameterRequest, Ssm.PutParameterResult> {
  return write<Ssm.PutParameterRequest, Ssm.PutParameterResult>({
    action: "ssm:PutParameter",
    resources: parameterArns,
    conditions: (input) => ({ "ssm:Overwrite": input.Overwrite ?? false }),
    accepts: {
      Name: true,
      Description: true,
      Value: true,
      Type: true,
      KeyId: true,
      Overwrite: true,
      AllowedPattern: true,
      Tags: true,
      Tier: true,
      Policies: true,
      DataType: true,
    },
    run(context, input) {
      const name = validateName(input);
      const existing = parameterNamed(context.tx, context.scope, name);
      // One that was made with the slash is not overwritten without it, nor the other way round.
      if (existing && (!input.Overwrite || existing.name !== name)) throw parameterExists();
      if (input.Overwrite && input.Tags?.length) {
        throw validation(
          "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
        );
      }
      const previous = existing && latestVersion(context.tx, existing);
      const version = toVersion(context, sealing, input, name, previous);
      if (existing) makeRoom(context, existing);
      const tags = existing?.tags ?? toTags(input.Tags);
      const { account, region } = context.scope;
      const arn = parameterArn(context.scope, name);
      context.tx
        .table(parameters)
        .put({ account, region, name, arn, version: version.version, tags });
      context.tx.table(parameterVersions).put(version);
      return { Version: version.version, Tier: version.tier };
    },
  });
}

function validateName(input: Ssm.PutParameterRequest): string {
  checkConstraints([
    ["name", input.Name, nameBounds],
    ["value", input.Value, { length: [1, Number.MAX_SAFE_INTEGER], hidden: true }],
    ["type", input.Type, { oneOf: parameterTypes }],
    ["description", input.Description, { length: [0, 1024] }],
    ["allowedPattern", input.AllowedPattern, { length: [0, 1024] }],
    ["tier", input.Tier, { oneOf: tiers }],
  ]);
  const name = input.Name ?? "";
  const refusal = explainName(name);
  if (refusal?.type === "reserved") throw reservedName(refusal.message);
  if (refusal) throw validation(refusal.message);
  if (isTooDeep(name)) throw new ApiError("HierarchyLevelLimitExceededException", hierarchyText);
  return name;
}

function toVersion(
  context: WriteContext,
  sealing: Sealing,
  input: Ssm.PutParameterRequest,
  name: string,
  previous: ParameterVersion | undefined,
): ParameterVersion {
  const type = chooseType(input, previous);
  const value = input.Value ?? "";
  const policies = choosePolicies(context, input.Policies, previous);
  const allowedPattern = input.AllowedPattern || undefined;
  const dataType = input.DataType ?? previous?.dataType ?? "text";
  const tier: ParameterTier = chooseTier(
    input.Tier ?? defaultTier(context),
    value,
    policies,
    previous,
  );
  checkValue({ value, allowedPattern, dataType, tier });
  const { account, region } = context.scope;
  return {
    account,
    region,
    name,
    version: (previous?.version ?? 0) + 1,
    type,
    ...secure(context, sealing, input, type, name, previous),
    description: input.Description ?? previous?.description,
    allowedPattern,
    tier,
    dataType,
    policies,
    labels: [],
    modifiedAt: context.now,
    modifiedBy: context.caller.arn,
  };
}

function chooseType(
  input: Ssm.PutParameterRequest,
  previous: ParameterVersion | undefined,
): ParameterType {
  const asked = parameterTypes.find((type) => type === input.Type);
  const type = asked ?? previous?.type;
  if (!type) throw validation("A parameter type is required when you create a parameter.");
  if (previous && previous.type !== type) throw typeChanged(previous.type, type);
  if (type !== "SecureString" && input.KeyId) {
    throw validation("KeyId can only be specified for parameters of type SecureString.");
  }
  return type;
}

/** The value as it is kept, and the key of a SecureString. */
function secure(
  context: WriteContext,
  sealing: Sealing,
  input: Ssm.PutParameterRequest,
  type: ParameterType,
  name: string,
  previous: ParameterVersion | undefined,
): Pick<ParameterVersion, "value" | "keyId"> {
  const value = input.Value ?? "";
  if (type !== "SecureString") return { value, keyId: undefined };
  const keyId = input.KeyId ?? previous?.keyId ?? defaultKey;
  const call = toCall(context, sealing);
  const found = ensureKmsKey(context.tx, call, keyId);
  if (found.type !== "found") throw explainKeyFailure(found);
  const encryption = parameterContext(parameterArn(context.scope, name));
  const use = { operation: "Encrypt", context: encryption, via: "ssm" };
  authorizeKeyUse(context, context.tx, found.key, use);
  const made = encryptUnder(found.key, sealing, Buffer.from(value), encryption, "Encrypt");
  if (made.type !== "encrypted") throw explainKeyFailure(made);
  return { value: made.ciphertext.toString("base64"), keyId };
}

/** Policies go on with the next version unless others, or none (`{}`), are given. */
function choosePolicies(
  { now }: WriteContext,
  text: string | undefined,
  previous: ParameterVersion | undefined,
): readonly ParameterPolicy[] {
  if (!text) return renewPolicies(previous?.policies ?? [], now);
  const read = readPolicies(text, now);
  if (read.type === "policies") return read.policies;
  const codes = {
    "invalid-type": "InvalidPolicyTypeException",
    "invalid-attribute": "InvalidPolicyAttributeException",
    incompatible: "IncompatiblePolicyException",
    limit: "PoliciesLimitExceededException",
  } as const;
  throw new ApiError(codes[read.refusal.type], read.refusal.message);
}

/** The oldest of 100 versions makes way for the next, unless somebody has put a label on it. */
function makeRoom({ tx }: WriteContext, parameter: Parameter): void {
  const versions = versionsOf(tx, parameter);
  const [oldest] = versions;
  if (!oldest || versions.length < mostVersions) return;
  if (oldest.labels.length > 0) {
    throw new ApiError(
      "ParameterMaxVersionLimitExceeded",
      `You attempted to create a new version of ${parameter.name} by calling the PutParameter API with the overwrite flag. Version ${oldest.version}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
    );
  }
  const key = parameterVersionKey(oldest.name, oldest.version);
  tx.table(parameterVersions).delete(parameter, key);
}
