/** What a role may do: policies written into it, and managed ones attached to it. Not evaluated yet. */
import type * as Iam from "@aws-sdk/client-iam";
import { read, write } from "../../gateway/service.ts";
import { roles } from "../../state/tables/iam.ts";
import { noSuchEntity, policyNotFound } from "./errors.ts";
import { findPolicy, requireOwnRole, requireRole, roleArns } from "./lookup.ts";
import { pageOf } from "./paging.ts";
import { encodeDocument, validateDocument, validateName } from "./validate.ts";

type Nothing = Record<string, never>;

const inlineNotFound = (name: string | undefined) =>
  noSuchEntity(`The role policy with name ${name} cannot be found.`);

export const putRolePolicy = write<Iam.PutRolePolicyRequest, Nothing>({
  action: "iam:PutRolePolicy",
  resources: roleArns,
  accepts: { RoleName: true, PolicyName: true, PolicyDocument: true },
  stored: ["PolicyDocument"],
  run(context, input) {
    const role = requireOwnRole(context, input.RoleName);
    const name = validateName(input.PolicyName, "policyName", 128);
    const document = validateDocument(input.PolicyDocument, "identity");
    const others = role.inlinePolicies.filter((policy) => policy.name !== name);
    context.tx.table(roles).put({ ...role, inlinePolicies: [...others, { name, document }] });
    return {};
  },
});

export const getRolePolicy = read<Iam.GetRolePolicyRequest, Iam.GetRolePolicyResponse>({
  action: "iam:GetRolePolicy",
  resources: roleArns,
  accepts: { RoleName: true, PolicyName: true },
  run(context, input) {
    const role = requireRole(context, input.RoleName);
    const policy = role.inlinePolicies.find((one) => one.name === input.PolicyName);
    if (!policy) throw inlineNotFound(input.PolicyName);
    return {
      RoleName: role.name,
      PolicyName: policy.name,
      PolicyDocument: encodeDocument(policy.document),
    };
  },
});

export const deleteRolePolicy = write<Iam.DeleteRolePolicyRequest, Nothing>({
  action: "iam:DeleteRolePolicy",
  resources: roleArns,
  accepts: { RoleName: true, PolicyName: true },
  run(context, input) {
    const role = requireOwnRole(context, input.RoleName);
    const inlinePolicies = role.inlinePolicies.filter((one) => one.name !== input.PolicyName);
    if (inlinePolicies.length === role.inlinePolicies.length) {
      throw inlineNotFound(input.PolicyName);
    }
    context.tx.table(roles).put({ ...role, inlinePolicies });
    return {};
  },
});

export const listRolePolicies = read<Iam.ListRolePoliciesRequest, Iam.ListRolePoliciesResponse>({
  action: "iam:ListRolePolicies",
  resources: roleArns,
  accepts: { RoleName: true, Marker: true, MaxItems: true },
  run(context, input) {
    const names = requireRole(context, input.RoleName).inlinePolicies.map(({ name }) => name);
    const { items, rest } = pageOf(names.toSorted(), input);
    return { PolicyNames: items, ...rest };
  },
});

export const attachRolePolicy = write<Iam.AttachRolePolicyRequest, Nothing>({
  action: "iam:AttachRolePolicy",
  resources: roleArns,
  accepts: { RoleName: true, PolicyArn: true },
  stored: ["PolicyArn"],
  run(context, input) {
    const role = requireOwnRole(context, input.RoleName);
    const arn = input.PolicyArn ?? "";
    const isForServices = arn.startsWith("arn:aws:iam::aws:policy/aws-service-role/");
    if (isForServices || !findPolicy(context, arn)) {
      throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
    }
    // Attaching twice is no error.
    if (!role.attachedPolicyArns.includes(arn)) {
      const attachedPolicyArns = [...role.attachedPolicyArns, arn];
      context.tx.table(roles).put({ ...role, attachedPolicyArns });
    }
    return {};
  },
});

export const detachRolePolicy = write<Iam.DetachRolePolicyRequest, Nothing>({
  action: "iam:DetachRolePolicy",
  resources: roleArns,
  accepts: { RoleName: true, PolicyArn: true },
  run(context, input) {
    const role = requireOwnRole(context, input.RoleName);
    const arn = input.PolicyArn ?? "";
    if (!role.attachedPolicyArns.includes(arn)) throw policyNotFound(arn);
    const attachedPolicyArns = role.attachedPolicyArns.filter((other) => other !== arn);
    context.tx.table(roles).put({ ...role, attachedPolicyArns });
    return {};
  },
});

export const listAttachedRolePolicies = read<
  Iam.ListAttachedRolePoliciesRequest,
  Iam.ListAttachedRolePoliciesResponse
>({
  action: "iam:ListAttachedRolePolicies",
  resources: roleArns,
  accepts: { RoleName: true, PathPrefix: true, Marker: true, MaxItems: true },
  run(context, input) {
    const role = requireRole(context, input.RoleName);
    const attached = role.attachedPolicyArns
      .flatMap((arn) => findPolicy(context, arn) ?? [])
      .filter((policy) => policy.path.startsWith(input.PathPrefix ?? "/"));
    const { items, rest } = pageOf(attached, input);
    const views = items.map(({ name, arn }) => ({ PolicyName: name, PolicyArn: arn }));
    return { AttachedPolicies: views, ...rest };
  },
});
