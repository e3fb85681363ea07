/** A refusal in AWS's words. */
import type { Decision, PolicyKind } from "./evaluate.ts";

export type Denial = Exclude<Decision, { type: "allow" }>;

const names: Readonly<Record<PolicyKind, { readonly none: string; readonly one: string }>> = {
  identity: { none: "no identity-based policy", one: "an identity-based policy" },
  resource: { none: "no resource-based policy", one: "a resource-based policy" },
  boundary: { none: "no permissions boundary", one: "a permissions boundary" },
  endpoint: { none: "no VPC endpoint policy", one: "a VPC endpoint policy" },
  session: { none: "no session policy", one: "a session policy" },
};

/** `User: … is not authorized to perform: ecs:RunTask on resource: … because …` */
export function explainDenial(
  denial: Denial,
  asked: { readonly who: string; readonly action: string; readonly resource: string },
): string {
  const { who, action, resource } = asked;
  const what = nameResource(action, resource);
  const refusal = `User: ${who} is not authorized to perform: ${action} on resource: ${what}`;
  const reason = explainReason(denial, action);
  return reason === undefined ? refusal : `${refusal} ${reason}`;
}

/** Undefined where AWS gives none: STS does not tell that a role's trust policy lets nobody in. */
function explainReason({ type, by }: Denial, action: string): string | undefined {
  const { none, one } = names[by];
  const isTrust = by === "resource" && action.startsWith("sts:");
  if (type === "explicitDeny") {
    return `with an explicit deny in ${isTrust ? "the role trust policy" : one}`;
  }
  return isTrust ? undefined : `because ${none} allows the ${action} action`;
}

// What makes something, hands it over, tags or simulates it names it by its ARN.
const byArn =
  /^iam:(?:Create(?:User|Role|Group|InstanceProfile|ServiceLinkedRole)$|PassRole|Tag|Untag|Simulate|GetContextKeys)/;

/** IAM calls its own by kind and name; all other services call resources by their ARNs. */
function nameResource(action: string, resource: string): string {
  if (action === "iam:ListPolicies" && resource === "*") return "policy path /";
  if (!action.startsWith("iam:") || byArn.test(action)) return resource;
  const [, kind = "", path = ""] = /^arn:aws:iam::\w*:([a-z-]+)\/(.*)$/.exec(resource) ?? [];
  const name = path.slice(path.lastIndexOf("/") + 1);
  // A whole kind or path, as lists are about.
  if (name === "") return resource;
  switch (kind) {
    case "group":
    case "role":
    case "user":
      return `${kind} ${name}`;
    case "instance-profile":
      return `instance profile ${name}`;
    case "policy":
      return `policy ${action === "iam:CreatePolicy" ? name : resource}`;
    default:
      return resource;
  }
}
