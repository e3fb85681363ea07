/** The policy of a key: every key has exactly one, called `default`. */
import type * as Kms from "@aws-sdk/client-kms";
import { explainMalformedKeyPolicy, lockedOutText } from "../../engine/kms/key-policy.ts";
import { type RequestContext, read, write } from "../../gateway/service.ts";
import { kmsKeys } from "../../state/tables/kms.ts";
import { malformedPolicy, notFound } from "./errors.ts";
import { check, onKey, requireChangeable, requireKey } from "./lookup.ts";
import { pageOf } from "./pages.ts";

const policyName = "default";

/** Throws unless `text` is a policy that a key may have. */
export function checkKeyPolicy(
  { scope, caller }: Pick<RequestContext, "scope" | "caller">,
  text: string,
  mayLockOut: boolean,
): string {
  check(["policy", text, { length: [1, 131_072] }]);
  const reason = explainMalformedKeyPolicy(text);
  if (reason) throw malformedPolicy(reason);
  const { principal } = caller;
  const callers = [caller.arn, ...("roleArn" in principal ? [principal.roleArn] : [])];
  const lockedOut = mayLockOut ? undefined : lockedOutText(text, scope.account, callers);
  if (lockedOut) throw malformedPolicy(lockedOut);
  return text;
}

function requirePolicyName(name: string | undefined): void {
  if (name !== undefined && name !== policyName) throw notFound("No such policy exists");
}

export const getKeyPolicy = read<Kms.GetKeyPolicyRequest, Kms.GetKeyPolicyResponse>({
  action: "kms:GetKeyPolicy",
  ...onKey,
  accepts: { KeyId: true, PolicyName: true },
  run(context, input) {
    const key = requireKey(context, input.KeyId, "GetKeyPolicy");
    requirePolicyName(input.PolicyName);
    return { Policy: key.policy, PolicyName: policyName };
  },
});

export const putKeyPolicy = write<Kms.PutKeyPolicyRequest, void>({
  action: "kms:PutKeyPolicy",
  ...onKey,
  accepts: { KeyId: true, PolicyName: true, Policy: true, BypassPolicyLockoutSafetyCheck: true },
  run(context, input) {
    const key = requireChangeable(context, input.KeyId, "PutKeyPolicy");
    requirePolicyName(input.PolicyName);
    const mayLockOut = input.BypassPolicyLockoutSafetyCheck ?? false;
    const policy = checkKeyPolicy({ ...context, scope: key }, input.Policy ?? "", mayLockOut);
    context.tx.table(kmsKeys).put({ ...key, policy });
  },
});

export const listKeyPolicies = read<Kms.ListKeyPoliciesRequest, Kms.ListKeyPoliciesResponse>({
  action: "kms:ListKeyPolicies",
  ...onKey,
  accepts: { KeyId: true, Limit: true, Marker: true },
  run(context, input) {
    requireKey(context, input.KeyId, "ListKeyPolicies");
    const { items, rest } = pageOf([policyName], (name) => name, "ListKeyPolicies", input);
    return { PolicyNames: items, ...rest };
  },
});
