/** Roles that belong to an AWS service: the account may have them made, and may not change them. */
import type * as Iam from "@aws-sdk/client-iam";
import { write } from "../../gateway/service.ts";
import { globalRegion } from "../../model/scope.ts";
import { roles } from "../../state/tables/iam.ts";
import { invalidInput } from "./errors.ts";
import { iamArn } from "./lookup.ts";
import { toRoleView } from "./role-views.ts";
import { makeRole } from "./roles.ts";

type LinkedService = { readonly roleName: string; readonly policy: string };

const linkedServices: Readonly<Record<string, LinkedService>> = {
  "ecs.amazonaws.com": { roleName: "AWSServiceRoleForECS", policy: "AmazonECSServiceRolePolicy" },
  "ecs.application-autoscaling.amazonaws.com": {
    roleName: "AWSServiceRoleForApplicationAutoScaling_ECSService",
    policy: "AWSApplicationAutoscalingECSServicePolicy",
  },
  "autoscaling.amazonaws.com": {
    roleName: "AWSServiceRoleForAutoScaling",
    policy: "AutoScalingServiceRolePolicy",
  },
  "elasticloadbalancing.amazonaws.com": {
    roleName: "AWSServiceRoleForElasticLoadBalancing",
    policy: "AWSElasticLoadBalancingServiceRolePolicy",
  },
};

export const createServiceLinkedRole = write<
  Iam.CreateServiceLinkedRoleRequest,
  Iam.CreateServiceLinkedRoleResponse
>({
  action: "iam:CreateServiceLinkedRole",
  resources: (input, { scope }) => [
    iamArn(scope.account, `role/aws-service-role/${input.AWSServiceName ?? "*"}/*`),
  ],
  accepts: { AWSServiceName: true, Description: true },
  run(context, input) {
    const service = input.AWSServiceName ?? "";
    const linked = linkedServices[service];
    if (!linked) {
      throw invalidInput(
        `Neargate knows no service-linked role of ${service}; it knows those of ` +
          `${Object.keys(linkedServices).join(", ")}.`,
      );
    }
    const scope = { account: context.scope.account, region: globalRegion };
    if (context.tx.table(roles).get(scope, linked.roleName)) {
      throw invalidInput(
        `Service role name ${linked.roleName} has been taken in this account, please try a different suffix.`,
      );
    }
    const role = makeRole(context, {
      name: linked.roleName,
      path: `/aws-service-role/${service}/`,
      trustPolicy: trustOf(service),
      description: input.Description,
      maxSessionSeconds: 3600,
      permissionsBoundary: undefined,
      tags: [],
    });
    const policyArn = iamArn("aws", `policy/aws-service-role/${linked.policy}`);
    context.tx.table(roles).put({ ...role, attachedPolicyArns: [policyArn] });
    return { Role: toRoleView(role) };
  },
});

const trustOf = (service: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Action: ["sts:AssumeRole"], Effect: "Allow", Principal: { Service: [service] } }],
  });
