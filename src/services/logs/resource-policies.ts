/**
 * Resource policies of a region: who else may write to its log groups. They are kept and given back;
 * no other service writes here on its own behalf yet, so nobody is asked by them.
 */
import type * as Logs from "@aws-sdk/client-cloudwatch-logs";
import { readPolicy } from "../../engine/policy/document.ts";
import { read, write } from "../../gateway/service.ts";
import type { LogResourcePolicy } from "../../model/logs.ts";
import { logResourcePolicies } from "../../state/tables/logs.ts";
import { invalidParameter, limitExceeded, policyNotFound } from "./errors.ts";
import { pageOf } from "./paging.ts";

const mostPerRegion = 10;

export const putResourcePolicy = write<
  Logs.PutResourcePolicyRequest,
  Logs.PutResourcePolicyResponse
>({
  action: "logs:PutResourcePolicy",
  resources: () => ["*"],
  accepts: { policyName: true, policyDocument: true },
  stored: ["policyDocument"],
  run({ tx, scope, now }, { policyName: name = "", policyDocument: document = "" }) {
    if (name === "") throw invalidParameter("policyName must be specified.");
    if (!readPolicy(document)?.statements.length) {
      throw invalidParameter("Cannot parse JSON string into a policy document.");
    }
    const table = tx.table(logResourcePolicies);
    if (!table.get(scope, name) && table.list(scope).length >= mostPerRegion) throw limitExceeded();
    const { account, region } = scope;
    const policy = { account, region, name, document, updatedAt: now };
    table.put(policy);
    return { resourcePolicy: toView(policy) };
  },
});

export const describeResourcePolicies = read<
  Logs.DescribeResourcePoliciesRequest,
  Logs.DescribeResourcePoliciesResponse
>({
  action: "logs:DescribeResourcePolicies",
  resources: () => ["*"],
  accepts: { nextToken: true, limit: true },
  run({ tx, scope }, input) {
    const all = tx.table(logResourcePolicies).list(scope);
    const { page, nextToken } = pageOf(all, input, {
      operation: "DescribeResourcePolicies",
      keyOf: ({ name }) => name,
    });
    return { resourcePolicies: page.map(toView), nextToken };
  },
});

export const deleteResourcePolicy = write<Logs.DeleteResourcePolicyRequest, Record<string, never>>({
  action: "logs:DeleteResourcePolicy",
  resources: () => ["*"],
  accepts: { policyName: true },
  run({ tx, scope }, { policyName = "" }) {
    const table = tx.table(logResourcePolicies);
    if (!table.get(scope, policyName)) throw policyNotFound(policyName);
    table.delete(scope, policyName);
    return {};
  },
});

const toView = (policy: LogResourcePolicy): Logs.ResourcePolicy => ({
  policyName: policy.name,
  policyDocument: policy.document,
  lastUpdatedTime: policy.updatedAt,
});
