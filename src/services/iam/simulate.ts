/** What policies would say to actions, without doing them; and which condition keys they ask for. */
import type * as Iam from "@aws-sdk/client-iam";
import { conditionKeys } from "../../engine/policy/condition-keys.ts";
import { type PolicyDocument, readPolicyOrDeny } from "../../engine/policy/document.ts";
import type { Principal } from "../../engine/policy/principal.ts";
import { type ReadContext, read } from "../../gateway/service.ts";
import { invalidInput } from "./errors.ts";
import { iamArn } from "./lookup.ts";
import { type Page, pageOf } from "./paging.ts";
import { type PolicySource, requireSource, toResourceSource, toSources } from "./policy-sources.ts";
import { contextKeysOf, simulateOne } from "./simulation.ts";

type Question = Omit<Iam.SimulateCustomPolicyRequest, "PolicyInputList">;

const questionMembers = {
  ActionNames: true,
  ResourceArns: true,
  ResourcePolicy: true,
  ResourceOwner: true,
  CallerArn: true,
  ContextEntries: true,
  PermissionsBoundaryPolicyInputList: true,
  Marker: true,
  MaxItems: true,
} as const;

export const simulateCustomPolicy = read<
  Iam.SimulateCustomPolicyRequest,
  Iam.SimulatePolicyResponse
>({
  action: "iam:SimulateCustomPolicy",
  resources: () => ["*"],
  accepts: { PolicyInputList: true, ...questionMembers },
  run(context, input) {
    const policies = toSources(input.PolicyInputList, "PolicyInputList");
    const source = { arn: iamArn(context.scope.account, "user/simulated"), policies };
    const { items, rest } = simulate("SimulateCustomPolicy", context, input, source);
    return { EvaluationResults: items, ...rest };
  },
});

export const simulatePrincipalPolicy = read<
  Iam.SimulatePrincipalPolicyRequest,
  Iam.SimulatePolicyResponse
>({
  action: "iam:SimulatePrincipalPolicy",
  resources: (input) => [input.PolicySourceArn ?? "*"],
  accepts: { PolicySourceArn: true, PolicyInputList: true, ...questionMembers },
  run(context, input) {
    const held = requireSource(context, input.PolicySourceArn);
    const more = toSources(input.PolicyInputList, "PolicyInputList");
    const source = {
      arn: input.PolicySourceArn ?? "",
      policies: [...held.policies, ...more],
      boundary: held.boundary === undefined ? undefined : [readPolicyOrDeny(held.boundary)],
    };
    const { items, rest } = simulate("SimulatePrincipalPolicy", context, input, source);
    return { EvaluationResults: items, ...rest };
  },
});

type Source = {
  /** The user, group or role that asks when the question names no caller. */
  readonly arn: string;
  readonly policies: readonly PolicySource[];
  readonly boundary?: readonly PolicyDocument[] | undefined;
};

/** Each action on each resource, in the order of the question. */
function simulate(
  operation: string,
  context: ReadContext,
  input: Question,
  { arn, policies, boundary }: Source,
): Page<Iam.EvaluationResult> {
  const entries = input.ContextEntries ?? [];
  const keys = conditionKeys(
    ...entries.map((entry) => ({ [entry.ContextKeyName ?? ""]: entry.ContextKeyValues ?? [] })),
  );
  const ofResource = input.ResourcePolicy ? [toResourceSource(input.ResourcePolicy)] : undefined;
  const simulation = {
    policies: [...policies, ...(ofResource ?? [])],
    set: {
      identity: policies.map(({ document }) => document),
      boundary: boundaryOf(input) ?? boundary,
      resource: ofResource?.map(({ document }) => document),
      resourceAccount: accountOf(input.ResourceOwner),
    },
    known: new Set(entries.map(({ ContextKeyName = "" }) => ContextKeyName.toLowerCase())),
  };
  const principal = toPrincipal(validateCaller(input.CallerArn) ?? arn, context.scope.account);
  const resources = input.ResourceArns?.length ? input.ResourceArns : ["*"];
  const questions = validateActions(input.ActionNames).flatMap((action) =>
    resources.map((resource) => ({ principal, action, resource, keys })),
  );
  const place = (question: (typeof questions)[number]): string =>
    String(questions.indexOf(question)).padStart(6, "0");
  const { items, rest } = pageOf(operation, questions, place, input);
  return { items: items.map((question) => simulateOne(question, simulation)), rest };
}

const boundaryOf = (input: Question): PolicyDocument[] | undefined =>
  input.PermissionsBoundaryPolicyInputList?.length
    ? toSources(input.PermissionsBoundaryPolicyInputList, "PermissionsBoundaryPolicyInputList").map(
        ({ document }) => document,
      )
    : undefined;

/** Of an account's ARN, or an account's number by itself. */
const accountOf = (owner: string | undefined): string | undefined =>
  /^(?:arn:aws:iam::)?(\d{12})(?::.*)?$/.exec(owner ?? "")?.[1];

function validateCaller(arn: string | undefined): string | undefined {
  if (arn === undefined || /^arn:aws:iam::\d{12}:user\/.+$/.test(arn)) return arn;
  throw invalidInput(`Invalid Entity Arn: ${arn} is not the ARN of a user.`);
}

function validateActions(names: readonly string[] | undefined): readonly string[] {
  const odd = names?.find((name) => !/^[\w-]+:[\w*?]+$/.test(name));
  if (odd === undefined) return names ?? [];
  throw invalidInput(`Invalid Entity Names: ${odd} is not of the form <service>:<action>.`);
}

function toPrincipal(arn: string, own: string): Principal {
  const [, account = own, kind, path = ""] = /^arn:aws:iam::(\d{12}):(\w+)\/(.+)$/.exec(arn) ?? [];
  if (kind !== "role") return { type: "user", account, arn };
  const session = `arn:aws:sts::${account}:assumed-role/${path.split("/").at(-1)}/simulated`;
  return { type: "session", account, arn: session, roleArn: arn };
}

export const getContextKeysForCustomPolicy = read<
  Iam.GetContextKeysForCustomPolicyRequest,
  Iam.GetContextKeysForPolicyResponse
>({
  action: "iam:GetContextKeysForCustomPolicy",
  resources: () => ["*"],
  accepts: { PolicyInputList: true },
  run: (_, input) => ({
    ContextKeyNames: contextKeysOf(toSources(input.PolicyInputList, "PolicyInputList")),
  }),
});

export const getContextKeysForPrincipalPolicy = read<
  Iam.GetContextKeysForPrincipalPolicyRequest,
  Iam.GetContextKeysForPolicyResponse
>({
  action: "iam:GetContextKeysForPrincipalPolicy",
  resources: (input) => [input.PolicySourceArn ?? "*"],
  accepts: { PolicySourceArn: true, PolicyInputList: true },
  run(context, input) {
    const { policies } = requireSource(context, input.PolicySourceArn);
    const more = toSources(input.PolicyInputList, "PolicyInputList");
    return { ContextKeyNames: contextKeysOf([...policies, ...more]) };
  },
});
