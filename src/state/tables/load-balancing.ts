/** Tables of Elastic Load Balancing. */
import type {
  Action,
  Listener,
  LoadBalancer,
  Target,
  TargetGroup,
} from "../../model/load-balancing.ts";
import { defineTable } from "../table.ts";

export const loadBalancers = defineTable<LoadBalancer, "name" | "vpc">({
  name: "load-balancers",
  key: (balancer) => balancer.arn,
  indexes: { name: (balancer) => [balancer.name], vpc: (balancer) => [balancer.vpcId] },
});

const targetGroupsOf = (action: Action): string[] =>
  action.type === "forward" ? action.targets.map((target) => target.targetGroupArn) : [];

export const listeners = defineTable<Listener, "balancer" | "targetGroup">({
  name: "listeners",
  key: (listener) => listener.arn,
  indexes: {
    balancer: (listener) => [listener.loadBalancerArn],
    targetGroup: (listener) => targetGroupsOf(listener.defaultAction),
  },
});

export const targetGroups = defineTable<TargetGroup, "name" | "vpc">({
  name: "target-groups",
  key: (group) => group.arn,
  indexes: { name: (group) => [group.name], vpc: (group) => [group.vpcId] },
});

export const targets = defineTable<Target, "targetGroup">({
  name: "targets",
  key: (target) => `${target.targetGroupArn}|${target.id}|${target.port}`,
  indexes: { targetGroup: (target) => [target.targetGroupArn] },
});
