/**
 * Roles that belong to an AWS service: the account may have them made, described anew, tagged and
 * deleted, and may change nothing else of them. A deletion fails while the service has something there
 * that needs the role.
 */
import type * as Iam from "@aws-sdk/client-iam";
import { read, type WriteContext, write } from "../../gateway/service.ts";
import type { Role, ServiceRoleDeletion } from "../../model/iam.ts";
import { clusters } from "../../state/tables/ecs.ts";
import { roles, serviceRoleDeletions } from "../../state/tables/iam.ts";
import { loadBalancers } from "../../state/tables/load-balancing.ts";
import { invalidInput, noSuchEntity } from "./errors.ts";
import { linkedServices, linkedServiceTrust } from "./linked-services.ts";
import { globalScope, iamArn, requireRole, roleArns } from "./lookup.ts";
import { makeRole } from "./roles.ts";
import { validateDescription, validateLength } from "./validate.ts";
import { toRoleView } from "./views.ts";

export const createServiceLinkedRole = write<
  Iam.CreateServiceLinkedRoleRequest,
  Iam.CreateServiceLinkedRoleResponse
>({
  action: "iam:CreateServiceLinkedRole",
  resources: (input, { scope }) => [
    iamArn(scope.account, `role/aws-service-role/${input.AWSServiceName ?? "*"}/*`),
  ],
  conditions: ({ AWSServiceName }) => ({ "iam:AWSServiceName": AWSServiceName }),
  accepts: { AWSServiceName: true, Description: true, CustomSuffix: true },
  run(context, input) {
    const service = validateLength(input.AWSServiceName ?? "", "aWSServiceName", 1, 128);
    const linked = linkedServices[service];
    if (!linked) throw invalidInput(`Cannot find Service Linked Role template for ${service}`);
    const name = linked.roleName + toSuffix(service, input.CustomSuffix);
    const description = validateDescription(input.Description);
    const scope = globalScope(context);
    if (context.tx.table(roles).get(scope, name)) {
      throw invalidInput(
        `Service role name ${name} has been taken in this account, please try a different suffix.`,
      );
    }
    const role = makeRole(context, {
      name,
      path: `/aws-service-role/${service}/`,
      trustPolicy: linkedServiceTrust(service),
      description,
      maxSessionSeconds: 3600,
      permissionsBoundary: undefined,
      tags: [],
    });
    const policyArn = iamArn("aws", `policy/aws-service-role/${linked.policy}`);
    context.tx.table(roles).put({ ...role, attachedPolicyArns: [policyArn] });
    return { Role: toRoleView(role) };
  },
});

function toSuffix(service: string, suffix: string | undefined): string {
  if (suffix === undefined) return "";
  validateLength(suffix, "customSuffix", 1, 64);
  if (!linkedServices[service]?.hasSuffix) {
    throw invalidInput(`Custom suffix is not allowed for ${service}`);
  }
  if (!/^[\w+=,.@-]+$/.test(suffix)) throw invalidInput(`Invalid custom suffix ${suffix}`);
  return `_${suffix}`;
}

export const deleteServiceLinkedRole = write<
  Iam.DeleteServiceLinkedRoleRequest,
  Iam.DeleteServiceLinkedRoleResponse
>({
  action: "iam:DeleteServiceLinkedRole",
  resources: roleArns,
  accepts: { RoleName: true },
  run(context, input) {
    const role = requireRole(context, input.RoleName);
    const service = /^\/aws-service-role\/([^/]+)\/$/.exec(role.path)?.[1];
    if (service === undefined) {
      throw invalidInput(`The role ${role.name} is not a service-linked role.`);
    }
    const deletion: ServiceRoleDeletion = {
      ...globalScope(context),
      id: `task${role.path}${role.name}/${context.ids.uuid()}`,
      roleName: role.name,
      users: findUsers(context, role, service),
    };
    if (deletion.users.length === 0) context.tx.table(roles).delete(role, role.name);
    context.tx.table(serviceRoleDeletions).put(deletion);
    return { DeletionTaskId: deletion.id };
  },
});

/** What a service has in the account that it needs its role for, by region. */
function findUsers(context: WriteContext, role: Role, service: string) {
  const found = usersOfService(context, service).filter(({ account }) => account === role.account);
  return [...Map.groupBy(found, ({ region }) => region)].map(([region, records]) => ({
    region,
    arns: records.map(({ arn }) => arn),
  }));
}

function usersOfService({ tx }: WriteContext, service: string) {
  switch (service) {
    case "ecs.amazonaws.com":
      return tx.table(clusters).all();
    case "elasticloadbalancing.amazonaws.com":
      return tx.table(loadBalancers).all();
    default:
      return [];
  }
}

export const getServiceLinkedRoleDeletionStatus = read<
  Iam.GetServiceLinkedRoleDeletionStatusRequest,
  Iam.GetServiceLinkedRoleDeletionStatusResponse
>({
  action: "iam:GetServiceLinkedRoleDeletionStatus",
  resources: () => ["*"],
  accepts: { DeletionTaskId: true },
  run(context, input) {
    const id = input.DeletionTaskId ?? "";
    const deletion = context.tx.table(serviceRoleDeletions).get(globalScope(context), id);
    if (!deletion) throw noSuchEntity(`Deletion task ${id} cannot be found.`);
    if (deletion.users.length === 0) return { Status: "SUCCEEDED" };
    return {
      Status: "FAILED",
      Reason: {
        Reason: `The role ${deletion.roleName} is in use. Delete what uses it, and then the role again.`,
        RoleUsageList: deletion.users.map(({ region, arns }) => ({
          Region: region,
          Resources: [...arns],
        })),
      },
    };
  },
});
