/**
 * `ecs:TagResource` on what an operation makes with tags. An account may still have the setting of the
 * time before AWS asked for it.
 */
import type {
  CreateCapacityProviderRequest,
  CreateClusterRequest,
  CreateServiceRequest,
  RegisterTaskDefinitionRequest,
  RunTaskRequest,
} from "@aws-sdk/client-ecs";
import type { ReadContext, TaggingPermission, TagOnCreate } from "../../gateway/service.ts";
import { formatArn } from "../../model/arn.ts";
import type { Scope } from "../../model/scope.ts";
import { effectiveSetting } from "../../state/account-settings.ts";
import { arnInCluster, clusterArnOf } from "./lookup.ts";

const on = <Input>(arnOf: (input: Input, scope: Scope) => string): TaggingPermission => ({
  action: "ecs:TagResource",
  resources: (input: never, { tx, scope, caller }: ReadContext) => {
    const setting = effectiveSetting(tx, scope, caller.arn, "tagResourceAuthorization");
    return setting === "on" ? [arnOf(input, scope)] : [];
  },
});

const task = on<RunTaskRequest>(({ cluster }, scope) =>
  arnInCluster(scope, "task", clusterArnOf(scope, cluster), "*"),
);

export const tagOnCreate: TagOnCreate = {
  CreateCapacityProvider: on<CreateCapacityProviderRequest>(({ name }, scope) =>
    formatArn("ecs", scope, `capacity-provider/${name}`),
  ),
  CreateCluster: on<CreateClusterRequest>(({ clusterName }, scope) =>
    clusterArnOf(scope, clusterName),
  ),
  CreateService: on<CreateServiceRequest>(({ cluster, serviceName }, scope) =>
    arnInCluster(scope, "service", clusterArnOf(scope, cluster), serviceName ?? "*"),
  ),
  RegisterTaskDefinition: on<RegisterTaskDefinitionRequest>(({ family }, scope) =>
    formatArn("ecs", scope, `task-definition/${family}:*`),
  ),
  RunTask: task,
  StartTask: task,
};
