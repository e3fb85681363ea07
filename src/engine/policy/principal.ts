/** Who asks, and whether a policy's `Principal` means them. */
import { parseArn } from "../../model/arn.ts";
import type { PrincipalClause } from "./document.ts";

export type Principal =
  /** The account itself, which may do anything in it. */
  | { readonly type: "root"; readonly account: string; readonly arn: string }
  | { readonly type: "user"; readonly account: string; readonly arn: string }
  | {
      readonly type: "session";
      readonly account: string;
      /** `arn:aws:sts::<account>:assumed-role/<role>/<session>` */
      readonly arn: string;
      readonly roleArn: string;
    }
  /** An AWS service for itself, such as `ecs-tasks.amazonaws.com`. */
  | { readonly type: "service"; readonly name: string }
  /** Somebody whom an identity provider vouches for. */
  | { readonly type: "federated"; readonly provider: string };

// `NotPrincipal` leaves out whom it names themselves: an account, or the role of a session, is not enough.

/**
 * How a clause reaches somebody: by their own name, by that of their session's role, or by the whole
 * account, which only lets the account's own policies decide.
 */
export type Reach = "self" | "role" | "account" | undefined;

export function reachOf(clause: PrincipalClause, principal: Principal): Reach {
  const reach = plainReach(clause, principal);
  if (!clause.negated) return reach;
  return clause.anyone || reach === "self" ? undefined : byNature(principal);
}

/** As somebody is reached who is not named: as themselves, except that a session stays its role's. */
const byNature = (principal: Principal): Reach => (principal.type === "session" ? "role" : "self");

function plainReach({ anyone, names }: PrincipalClause, principal: Principal): Reach {
  if (anyone) return byNature(principal);
  switch (principal.type) {
    case "service":
      return names.Service.includes(principal.name) ? "self" : undefined;
    case "federated":
      return names.Federated.includes(principal.provider) ? "self" : undefined;
    case "root":
      return names.AWS.some((name) => isAccount(name, principal.account)) ? "self" : undefined;
    case "user":
    case "session":
      return strongest(names.AWS.map((name) => reachByName(name, principal)));
  }
}

type Identity = Extract<Principal, { type: "user" | "session" }>;

function reachByName(name: string, principal: Identity): Reach {
  if (name === principal.arn) return "self";
  if (principal.type === "session" && name === principal.roleArn) return "role";
  return isAccount(name, principal.account) ? "account" : undefined;
}

function isAccount(name: string, account: string): boolean {
  if (name === account) return true;
  const arn = parseArn(name);
  return arn?.service === "iam" && arn.account === account && arn.resource === "root";
}

const strongest = (reaches: readonly Reach[]): Reach =>
  (["self", "role", "account"] as const).find((one) => reaches.includes(one));
