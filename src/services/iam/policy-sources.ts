/** The policies that a simulation is about: those of a user, group or role, and those of the request. */
import { type PolicyDocument, readPolicyOrDeny } from "../../engine/policy/document.ts";
import { type HeldPolicy, policiesOf, policiesOfGroup } from "../../state/iam-principals.ts";
import { invalidInput, nameNotFound } from "./errors.ts";
import { type Place, requireGroup } from "./lookup.ts";
import { validateDocument } from "./validate.ts";

/** A policy under the name that results give it. */
export type PolicySource = {
  readonly id: string;
  /** The API's reference has more of them; these are told. */
  readonly type: "IAM Policy" | "Resource Policy";
  readonly text: string;
  readonly document: PolicyDocument;
};

export type SourcePolicies = {
  readonly policies: readonly PolicySource[];
  readonly boundary: string | undefined;
};

/** What a user, a group or a role holds, by its ARN. */
export function requireSource(context: Place, arn: string | undefined): SourcePolicies {
  const [, account, kind, path] =
    /^arn:aws:iam::(\d{12}):(user|role|group)\/(.+)$/.exec(arn ?? "") ?? [];
  const name = path?.split("/").at(-1) ?? "";
  if (account === undefined || account !== context.scope.account) {
    throw invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  }
  if (kind === "group") {
    const held = policiesOfGroup(context.tx, requireGroup(context, name));
    return { policies: held.map(toSource), boundary: undefined };
  }
  const wanted = kind === "user" ? "user" : "role";
  const found = policiesOf(context.tx, { kind: wanted, account, name });
  if (!found || found.arn !== arn) throw nameNotFound(wanted, name);
  return { policies: found.identity.map(toSource), boundary: found.boundary?.document };
}

const toSource = ({ type, name, holder, document: text }: HeldPolicy): PolicySource => ({
  id: type === "inline" ? `${holder.kind}_${holder.name}_${name}` : name,
  type: "IAM Policy",
  text,
  document: readPolicyOrDeny(text),
});

/** The resource's own policy, as the request has it. */
export const toResourceSource = (text: string): PolicySource => ({
  id: "ResourcePolicy",
  type: "Resource Policy",
  text,
  document: readPolicyOrDeny(text),
});

/** Policies of a request, named as AWS names them: by their list and their place in it. */
export const toSources = (texts: readonly string[] | undefined, list: string): PolicySource[] =>
  (texts ?? []).map((given, at) => {
    const text = validateDocument(given, "identity");
    return { id: `${list}.${at + 1}`, type: "IAM Policy", text, document: readPolicyOrDeny(text) };
  });
