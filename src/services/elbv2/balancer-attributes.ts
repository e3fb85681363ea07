/** Attributes of load balancers. */
import type {
  DescribeLoadBalancerAttributesInput,
  DescribeLoadBalancerAttributesOutput,
  ModifyLoadBalancerAttributesInput,
  ModifyLoadBalancerAttributesOutput,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { read, write } from "../../gateway/service.ts";
import { loadBalancers } from "../../state/tables/load-balancing.ts";
import { changeAttributes, loadBalancerAttributes, toWireAttributes } from "./attributes.ts";
import { findBalancer } from "./load-balancers.ts";

export const describeLoadBalancerAttributes = read<
  DescribeLoadBalancerAttributesInput,
  DescribeLoadBalancerAttributesOutput
>({
  action: "elasticloadbalancing:DescribeLoadBalancerAttributes",
  resources: () => ["*"],
  accepts: { LoadBalancerArn: true },
  run({ tx, scope }, input) {
    const { attributes } = findBalancer(tx, scope, input.LoadBalancerArn);
    return { Attributes: toWireAttributes(attributes) };
  },
});

export const modifyLoadBalancerAttributes = write<
  ModifyLoadBalancerAttributesInput,
  ModifyLoadBalancerAttributesOutput
>({
  action: "elasticloadbalancing:ModifyLoadBalancerAttributes",
  resources: (input) => [input.LoadBalancerArn ?? "*"],
  accepts: { LoadBalancerArn: true, Attributes: true },
  run({ tx, scope }, input) {
    const balancer = findBalancer(tx, scope, input.LoadBalancerArn);
    const attributes = changeAttributes(
      loadBalancerAttributes,
      balancer.attributes,
      input.Attributes ?? [],
    );
    tx.table(loadBalancers).put({ ...balancer, attributes });
    return { Attributes: toWireAttributes(attributes) };
  },
});
