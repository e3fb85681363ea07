/**
 * What the engine does on a task's behalf is asked of the task's role, as a request of that role's
 * session would be: by its policies, with the tags of what it is about.
 */
import { parseArn } from "../model/arn.ts";
import type { Scope } from "../model/scope.ts";
import { type AccessQuestion, isAllowed, type Verdict } from "./authorization.ts";
import type { ReadTransaction } from "./store.ts";
import { findTaggedResource, resourceTagKeys } from "./tagged-resources.ts";

/** A role and the name of the session in which it acts. */
export type ActingRole = { readonly roleArn: string; readonly sessionName: string };

/** Whether the role may; without one the account itself asks, which may do everything. */
export function askRole(
  tx: ReadTransaction,
  role: ActingRole | undefined,
  scope: Scope,
  now: number,
  question: AccessQuestion,
): Verdict {
  if (!role) return { type: "allowed" };
  const { action, resource, conditions, ...more } = question;
  const { region = scope.region, account = scope.account } = parseArn(resource) ?? {};
  const owner = { account: account || scope.account, region: region || scope.region };
  return isAllowed(tx, role, action, resource, {
    ...more,
    conditions: () => ({
      "aws:RequestedRegion": owner.region,
      "aws:SecureTransport": true,
      "aws:CurrentTime": new Date(now).toISOString(),
      "aws:EpochTime": Math.floor(now / 1000),
      ...resourceTagKeys(action, findTaggedResource(tx, owner, resource)?.tags ?? []),
      ...(typeof conditions === "function" ? conditions() : conditions),
    }),
  });
}
