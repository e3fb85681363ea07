/**
 * AssumeRole: the role's trust policy must let the caller in, and the caller's own policies must let
 * them ask. Unlike AWS's, the root of an account, which here is anyone with a key of their own making,
 * may assume roles too, where the trust policy names the account.
 */
import type { AssumeRoleRequest, AssumeRoleResponse } from "@aws-sdk/client-sts";
import { type ReadContext, type ReadOperation, read } from "../../gateway/service.ts";
import type { Role } from "../../model/iam.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { findRole, sessionArn } from "../../state/authorization.ts";
import { issueSession } from "../../state/sessions.ts";
import { readDuration } from "./duration.ts";
import { accessDenied, validationError } from "./errors.ts";
import { readSecondFactor } from "./second-factor.ts";
import { checkPolicies, packedSize } from "./session-policies.ts";
import { mergeSessionTags, type SessionTags } from "./session-tags.ts";
import { accountOfRole, checkAssumption } from "./validate.ts";
import { toCredentials } from "./views.ts";

/** A session that assumes another role gets no longer one. */
const longestOfChained = 3_600;

export const assumeRole = (
  sealing: Sealing,
): ReadOperation<AssumeRoleRequest, AssumeRoleResponse> =>
  read<AssumeRoleRequest, AssumeRoleResponse>({
    action: "sts:AssumeRole",
    resources: ({ RoleArn }) => [RoleArn ?? "*"],
    accepts: {
      RoleArn: true,
      RoleSessionName: true,
      PolicyArns: { arn: true },
      Policy: true,
      DurationSeconds: true,
      Tags: true,
      TransitiveTagKeys: true,
      ExternalId: true,
      SourceIdentity: true,
      SerialNumber: true,
      TokenCode: true,
    },
    authorization: "own",
    run(context, input) {
      checkAssumption(input);
      checkPolicies(context, accountOfRole(input), input);
      const tags = mergeSessionTags(context.caller.session, input);
      const role = requireTrusting(context, input, tags);
      checkSourceIdentity(context, input);
      checkChain(context, input.DurationSeconds);
      const seconds = readDuration(role, input.DurationSeconds);
      const sessionName = input.RoleSessionName ?? "";
      const { account, name, id, arn } = role;
      const sourceIdentity = context.caller.session?.sourceIdentity ?? input.SourceIdentity;
      const issued = issueSession(
        { sealing, ids: context.ids, wall: context.wall },
        {
          account,
          holder: { type: "role", name, id, arn, sessionName },
          ...(input.Policy !== undefined && { policies: [input.Policy] }),
          ...(input.PolicyArns && { policyArns: input.PolicyArns.flatMap((one) => one.arn ?? []) }),
          ...tags,
          ...(sourceIdentity !== undefined && { sourceIdentity }),
        },
        seconds,
      );
      return {
        Credentials: toCredentials(issued),
        AssumedRoleUser: {
          AssumedRoleId: `${id}:${sessionName}`,
          Arn: sessionArn(account, name, sessionName),
        },
        PackedPolicySize: packedSize(input),
        SourceIdentity: sourceIdentity,
      };
    },
  });

/** The role, when it is there and lets the caller in. Which of the two fails is not told, as on AWS. */
function requireTrusting(context: ReadContext, input: AssumeRoleRequest, tags: SessionTags): Role {
  const arn = input.RoleArn ?? "";
  const role = findRole(context.tx, arn);
  if (!role) {
    throw accessDenied(
      `User: ${context.caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
    );
  }
  const given = tags.tags.map(({ key, value }) => [`aws:RequestTag/${key}`, value] as const);
  const held = role.tags.flatMap(({ key, value }) => [
    [`aws:ResourceTag/${key}`, value] as const,
    [`iam:ResourceTag/${key}`, value] as const,
  ]);
  const conditions = {
    ...(readSecondFactor(context, input) && {
      "aws:MultiFactorAuthPresent": true,
      "aws:MultiFactorAuthAge": 0,
    }),
    "sts:ExternalId": input.ExternalId,
    "sts:RoleSessionName": input.RoleSessionName,
    "sts:SourceIdentity": input.SourceIdentity,
    "aws:TagKeys": tags.tags.map(({ key }) => key),
    "sts:TransitiveTagKeys": tags.transitiveTagKeys,
    ...Object.fromEntries([...given, ...held]),
  };
  for (const action of neededActions(context, input, tags)) {
    context.authorize({
      action,
      resource: role.arn,
      conditions,
      resourcePolicy: role.trustPolicy,
      resourceMustAllow: true,
      resourceAccount: role.account,
    });
  }
  return role;
}

/** Tags and a source identity have to be allowed by themselves. */
function neededActions(
  { caller }: ReadContext,
  input: AssumeRoleRequest,
  { tags }: SessionTags,
): string[] {
  const isIdentified = input.SourceIdentity ?? caller.session?.sourceIdentity;
  return [
    "sts:AssumeRole",
    ...(tags.length > 0 ? ["sts:TagSession"] : []),
    ...(isIdentified === undefined ? [] : ["sts:SetSourceIdentity"]),
  ];
}

/** Who stands at the start of a chain of roles is said once. */
function checkSourceIdentity({ caller }: ReadContext, input: AssumeRoleRequest): void {
  const { RoleArn: arn = "", SourceIdentity: asked } = input;
  const held = caller.session?.sourceIdentity;
  if (held === undefined || asked === undefined || asked === held) return;
  throw accessDenied(
    `User: ${caller.arn} is not authorized to perform: sts:SetSourceIdentity on resource: ${arn}`,
  );
}

function checkChain({ caller }: ReadContext, wanted: number | undefined): void {
  const isChained = caller.session?.holder.type === "role";
  if (!isChained || (wanted ?? 0) <= longestOfChained) return;
  throw validationError(
    "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
  );
}
