/**
 * Elastic Load Balancing v2: application load balancers with HTTP listeners and targets of type ip.
 * Rules other than the default one, HTTPS and the other balancer types are refused.
 */
import type { ServiceModule } from "../../gateway/service.ts";
import {
  describeLoadBalancerAttributes,
  modifyLoadBalancerAttributes,
} from "./balancer-attributes.ts";
import {
  createListener,
  deleteListener,
  describeListenerAttributes,
  describeListeners,
  describeRules,
  modifyListener,
} from "./listeners.ts";
import {
  createLoadBalancer,
  deleteLoadBalancer,
  describeLoadBalancers,
  setSecurityGroups,
  setSubnets,
} from "./load-balancers.ts";
import { addTags, describeTags, removeTags } from "./tags.ts";
import {
  createTargetGroup,
  deleteTargetGroup,
  describeTargetGroupAttributes,
  describeTargetGroups,
  modifyTargetGroup,
  modifyTargetGroupAttributes,
} from "./target-groups.ts";
import { deregisterTargets, describeTargetHealth, registerTargets } from "./targets.ts";

const addTagsPermission = { action: "elasticloadbalancing:AddTags" };

export const elbv2Service = (): ServiceModule => ({
  name: "elbv2",
  tagOnCreate: {
    CreateListener: addTagsPermission,
    CreateLoadBalancer: addTagsPermission,
    CreateRule: addTagsPermission,
    CreateTargetGroup: addTagsPermission,
  },
  operations: {
    AddTags: addTags,
    CreateListener: createListener,
    CreateLoadBalancer: createLoadBalancer,
    CreateTargetGroup: createTargetGroup,
    DeleteListener: deleteListener,
    DeleteLoadBalancer: deleteLoadBalancer,
    DeleteTargetGroup: deleteTargetGroup,
    DeregisterTargets: deregisterTargets,
    DescribeListenerAttributes: describeListenerAttributes,
    DescribeListeners: describeListeners,
    DescribeLoadBalancerAttributes: describeLoadBalancerAttributes,
    DescribeLoadBalancers: describeLoadBalancers,
    DescribeRules: describeRules,
    DescribeTags: describeTags,
    DescribeTargetGroupAttributes: describeTargetGroupAttributes,
    DescribeTargetGroups: describeTargetGroups,
    DescribeTargetHealth: describeTargetHealth,
    ModifyListener: modifyListener,
    ModifyLoadBalancerAttributes: modifyLoadBalancerAttributes,
    ModifyTargetGroup: modifyTargetGroup,
    ModifyTargetGroupAttributes: modifyTargetGroupAttributes,
    RegisterTargets: registerTargets,
    RemoveTags: removeTags,
    SetSecurityGroups: setSecurityGroups,
    SetSubnets: setSubnets,
  },
});
