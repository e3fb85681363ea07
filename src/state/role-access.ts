/**
 * What the engine does on a task's behalf is asked of the task's role, as a request of that role's
 * session would be: by its policies, with the tags of what it is about.
 */
import { parseArn } from "../model/arn.ts";
import type { Scope } from "../model/scope.ts";
import {
  type AccessQuestion,
  isAllowed,
  judge,
  rootAccess,
  type Verdict,
} from "./authorization.ts";
import type { ReadTransaction } from "./store.ts";
import { findTaggedResource, resourceTagKeys } from "./tagged-resources.ts";

/** A role and the name of the session in which it acts. */
export type ActingRole = { readonly roleArn: string; readonly sessionName: string };

/**
 * Whether the role may; without one the account itself asks, whom nothing stops but the policy of the
 * VPC endpoint that the task's request goes through (`question.origin`).
 */
export function askRole(
  tx: ReadTransaction,
  role: ActingRole | undefined,
  scope: Scope,
  now: number,
  question: AccessQuestion,
): Verdict {
  if (!role && !question.origin?.endpoint) return { type: "allowed" };
  const { conditions, ...more } = question;
  const { action, resource } = more;
  const { region = scope.region, account = scope.account } = parseArn(resource) ?? {};
  const owner = { account: account || scope.account, region: region || scope.region };
  const asked: AccessQuestion = {
    ...more,
    conditions: () => ({
      "aws:RequestedRegion": owner.region,
      "aws:SecureTransport": true,
      "aws:CurrentTime": new Date(now).toISOString(),
      "aws:EpochTime": Math.floor(now / 1000),
      ...resourceTagKeys(action, findTaggedResource(tx, owner, resource)?.tags ?? []),
      ...(typeof conditions === "function" ? conditions() : conditions),
    }),
  };
  if (!role) return judge(rootAccess(scope.account), { ...asked, resourcePolicy: undefined });
  return isAllowed(tx, role, action, resource, asked);
}
