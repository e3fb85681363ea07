/**
 * Policies of users, groups and roles: written into them, or managed and attached to them. The three
 * kinds have the same seven operations, which differ by the member that names the holder, so they are
 * made here from a description of the kind.
 */
import type * as Iam from "@aws-sdk/client-iam";
import {
  type Accepts,
  type AnyOperation,
  type ReadContext,
  type RequestContext,
  read,
  type WriteContext,
  write,
} from "../../gateway/service.ts";
import type { InlinePolicy } from "../../model/iam.ts";
import { isUndocumented } from "../../state/aws-managed-policies.ts";
import { heldBoundary } from "./conditions.ts";
import {
  invalidInput,
  limitExceeded,
  noSuchEntity,
  notAttachable,
  policyNotFound,
  quotaExceeded,
} from "./errors.ts";
import { findPolicy, iamArn, type Place } from "./lookup.ts";
import { byName, type PageRequest, pageOf } from "./paging.ts";
import {
  encodeDocument,
  sizeOf,
  validateDocument,
  validateLength,
  validateName,
  validatePrefix,
} from "./validate.ts";

type Policies = {
  readonly inlinePolicies: readonly InlinePolicy[];
  readonly attachedPolicyArns: readonly string[];
};

export type HolderKind = {
  readonly label: "Role" | "User" | "Group";
  /** The most characters that its inline policies may have together, white space not counted. */
  readonly mostCharacters: number;
  readonly find: (context: Place, name: string | undefined) => Policies;
  /** Throws when the holder may not be changed. */
  readonly change: (
    context: WriteContext,
    name: string | undefined,
    change: (held: Policies) => Policies,
  ) => void;
};

type Named = { readonly [member in "RoleName" | "UserName" | "GroupName"]?: string | undefined };
type PolicyInput = Named & Pick<Iam.PutRolePolicyRequest, "PolicyName" | "PolicyDocument">;
type ArnInput = Named & { readonly PolicyArn: string | undefined };
type ListInput = Named & PageRequest;
type AttachedInput = ListInput & { readonly PathPrefix?: string };
type Nothing = Record<string, never>;

/** The default quota of AWS for each kind. */
const mostAttached = 10;

/** Seven operations by their names, such as `PutRolePolicy`. */
export function policyOperations(kind: HolderKind): Record<string, AnyOperation> {
  const { label } = kind;
  return {
    [`Put${label}Policy`]: putInline(kind),
    [`Get${label}Policy`]: getInline(kind),
    [`Delete${label}Policy`]: deleteInline(kind),
    [`List${label}Policies`]: listInline(kind),
    [`Attach${label}Policy`]: attach(kind),
    [`Detach${label}Policy`]: detach(kind),
    [`ListAttached${label}Policies`]: listAttached(kind),
  };
}

const nameOf = ({ label }: HolderKind, input: Named): string | undefined => input[`${label}Name`];

/** What the operations of a kind have in common. */
function declare<Input extends Named>(
  kind: HolderKind,
  action: string,
  members: readonly (keyof Input & string)[],
) {
  const named = `${kind.label}Name`;
  return {
    action: `iam:${action}`,
    resources: (input: Input, { scope }: RequestContext): string[] => [
      iamArn(scope.account, `${kind.label.toLowerCase()}/${nameOf(kind, input) ?? "*"}`),
    ],
    // Members that are named are taken whole; the type cannot be had from a list of names.
    accepts: Object.fromEntries([named, ...members].map((name) => [name, true])) as Accepts<Input>,
  };
}

/** What is asked of those that change what a holder may do. */
const changing = {
  conditions: (
    input: Named & { readonly PolicyArn?: string | undefined },
    context: ReadContext,
  ) => ({
    ...heldBoundary(input, context),
    "iam:PolicyARN": input.PolicyArn,
  }),
};

const putInline = (kind: HolderKind) =>
  write<PolicyInput, Nothing>({
    ...changing,
    ...declare<PolicyInput>(kind, `Put${kind.label}Policy`, ["PolicyName", "PolicyDocument"]),
    run(context, input) {
      const holder = nameOf(kind, input);
      kind.change(context, holder, (held) => {
        const name = validateName(input.PolicyName, "policyName", 128);
        const document = validateDocument(input.PolicyDocument, "identity");
        const others = held.inlinePolicies.filter((policy) => policy.name !== name);
        const inlinePolicies = [...others, { name, document }];
        const size = inlinePolicies.reduce((sum, policy) => sum + sizeOf(policy.document), 0);
        if (size > kind.mostCharacters) {
          throw limitExceeded(
            `Maximum policy size of ${kind.mostCharacters} bytes exceeded for ` +
              `${kind.label.toLowerCase()} ${holder}`,
          );
        }
        return { ...held, inlinePolicies };
      });
      return {};
    },
  });

const inlineNotFound = ({ label }: HolderKind, name: string | undefined) =>
  noSuchEntity(`The ${label.toLowerCase()} policy with name ${name} cannot be found.`);

const getInline = (kind: HolderKind) =>
  read<PolicyInput, Named & Omit<Iam.GetRolePolicyResponse, "RoleName">>({
    ...declare<PolicyInput>(kind, `Get${kind.label}Policy`, ["PolicyName"]),
    run(context, input) {
      const holder = nameOf(kind, input);
      const { inlinePolicies } = kind.find(context, holder);
      const policy = inlinePolicies.find((one) => one.name === input.PolicyName);
      if (!policy) throw inlineNotFound(kind, input.PolicyName);
      return {
        [`${kind.label}Name`]: holder,
        PolicyName: policy.name,
        PolicyDocument: encodeDocument(policy.document),
      };
    },
  });

const deleteInline = (kind: HolderKind) =>
  write<PolicyInput, Nothing>({
    ...changing,
    ...declare<PolicyInput>(kind, `Delete${kind.label}Policy`, ["PolicyName"]),
    run(context, input) {
      kind.change(context, nameOf(kind, input), (held) => {
        const inlinePolicies = held.inlinePolicies.filter((one) => one.name !== input.PolicyName);
        const isSame = inlinePolicies.length === held.inlinePolicies.length;
        if (isSame) throw inlineNotFound(kind, input.PolicyName);
        return { ...held, inlinePolicies };
      });
      return {};
    },
  });

const listInline = (kind: HolderKind) =>
  read<ListInput, Iam.ListRolePoliciesResponse>({
    ...declare<ListInput>(kind, `List${kind.label}Policies`, ["Marker", "MaxItems"]),
    run(context, input) {
      const { inlinePolicies } = kind.find(context, nameOf(kind, input));
      const list = `List${kind.label}Policies`;
      const { items, rest } = pageOf(list, inlinePolicies, byName, input);
      return { PolicyNames: items.map(({ name }) => name), ...rest };
    },
  });

const attach = (kind: HolderKind) =>
  write<ArnInput, Nothing>({
    ...changing,
    ...declare<ArnInput>(kind, `Attach${kind.label}Policy`, ["PolicyArn"]),
    run(context, input) {
      const arn = validateArn(input.PolicyArn);
      kind.change(context, nameOf(kind, input), (held) => {
        const policy = findPolicy(context, arn);
        const isForServices = arn.startsWith("arn:aws:iam::aws:policy/aws-service-role/");
        if (isForServices || !policy) throw notAttachable(arn);
        // Attaching twice is no error.
        if (held.attachedPolicyArns.includes(arn)) return held;
        if (held.attachedPolicyArns.length >= mostAttached) {
          throw quotaExceeded(`PoliciesPer${kind.label}`, mostAttached);
        }
        if (isUndocumented(policy)) {
          context.logger.warn("a policy of AWS's whose document is not known allows nothing", {
            policy: arn,
          });
        }
        return { ...held, attachedPolicyArns: [...held.attachedPolicyArns, arn] };
      });
      return {};
    },
  });

function validateArn(arn: string | undefined): string {
  const text = validateLength(arn ?? "", "policyArn", 20, 2048);
  if (!/^arn:aws:iam::(?:\d{12}|aws):policy\/.+$/.test(text)) {
    throw invalidInput(`ARN ${text} is not valid.`);
  }
  return text;
}

const detach = (kind: HolderKind) =>
  write<ArnInput, Nothing>({
    ...changing,
    ...declare<ArnInput>(kind, `Detach${kind.label}Policy`, ["PolicyArn"]),
    run(context, input) {
      const arn = validateArn(input.PolicyArn);
      kind.change(context, nameOf(kind, input), (held) => {
        if (!held.attachedPolicyArns.includes(arn)) throw policyNotFound(arn);
        const attachedPolicyArns = held.attachedPolicyArns.filter((other) => other !== arn);
        return { ...held, attachedPolicyArns };
      });
      return {};
    },
  });

const listAttached = (kind: HolderKind) =>
  read<AttachedInput, Iam.ListAttachedRolePoliciesResponse>({
    ...declare<AttachedInput>(kind, `ListAttached${kind.label}Policies`, [
      "PathPrefix",
      "Marker",
      "MaxItems",
    ]),
    run(context, input) {
      const { attachedPolicyArns } = kind.find(context, nameOf(kind, input));
      const prefix = validatePrefix(input.PathPrefix);
      const attached = attachedPolicyArns
        .flatMap((arn) => findPolicy(context, arn) ?? [])
        .filter((policy) => policy.path.startsWith(prefix));
      const list = `ListAttached${kind.label}Policies`;
      const { items, rest } = pageOf(list, attached, ({ arn }) => arn, input);
      const views = items.map(({ name, arn }) => ({ PolicyName: name, PolicyArn: arn }));
      return { AttachedPolicies: views, ...rest };
    },
  });
