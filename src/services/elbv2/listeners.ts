/** Listeners, and the default rule that each of them shows. */
import type {
  CreateListenerInput,
  CreateListenerOutput,
  DeleteListenerInput,
  DeleteListenerOutput,
  DescribeListenerAttributesInput,
  DescribeListenerAttributesOutput,
  DescribeListenersInput,
  DescribeListenersOutput,
  DescribeRulesInput,
  DescribeRulesOutput,
  ModifyListenerInput,
  ModifyListenerOutput,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { read, write } from "../../gateway/service.ts";
import type { Listener } from "../../model/load-balancing.ts";
import type { Scope } from "../../model/scope.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { listeners } from "../../state/tables/load-balancing.ts";
import { acceptedActions, validateActions } from "./actions.ts";
import { defaultAttributes, listenerAttributes, toWireAttributes } from "./attributes.ts";
import {
  duplicateListener,
  listenersNotFound,
  notBuilt,
  rulesNotFound,
  tooMany,
  validationError,
} from "./errors.ts";
import { findBalancer } from "./load-balancers.ts";
import { inRange, oneOf, pageOf, validateTags } from "./validation.ts";
import { defaultRuleArn, toDefaultRuleView, toListenerView } from "./views.ts";

const maxListeners = 50;
const protocols = ["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE"] as const;

export const createListener = write<CreateListenerInput, CreateListenerOutput>({
  action: "elasticloadbalancing:CreateListener",
  resources: (input) => [input.LoadBalancerArn ?? "*"],
  accepts: {
    LoadBalancerArn: true,
    Protocol: true,
    Port: true,
    DefaultActions: acceptedActions,
    Tags: true,
  },
  run({ tx, scope, ids, now }, input) {
    const balancer = findBalancer(tx, scope, input.LoadBalancerArn);
    if (input.Protocol === undefined)
      throw validationError("A listener protocol must be specified");
    const protocol = validateProtocol(input.Protocol);
    if (input.Port === undefined) throw validationError("A listener port must be specified");
    const port = inRange("port", input.Port, 1, 65535);
    const siblings = tx.table(listeners).by("balancer", scope, balancer.arn);
    if (siblings.some((sibling) => sibling.port === port)) throw duplicateListener(balancer.arn);
    if (siblings.length >= maxListeners) {
      throw tooMany("Listeners", `A load balancer can have at most ${maxListeners} listeners`);
    }
    const listener: Listener = {
      account: scope.account,
      region: scope.region,
      arn: `${balancer.arn.replace(":loadbalancer/", ":listener/")}/${ids.hex(16)}`,
      loadBalancerArn: balancer.arn,
      port,
      protocol,
      defaultAction: validateActions(tx, scope, balancer, input.DefaultActions),
      attributes: defaultAttributes(listenerAttributes),
      createdAt: now,
      tags: validateTags(input.Tags),
    };
    tx.table(listeners).put(listener);
    return { Listeners: [toListenerView(listener)] };
  },
});

export const describeListeners = read<DescribeListenersInput, DescribeListenersOutput>({
  action: "elasticloadbalancing:DescribeListeners",
  resources: () => ["*"],
  accepts: { LoadBalancerArn: true, ListenerArns: true, Marker: true, PageSize: true },
  run({ tx, scope }, input) {
    const found = selectListeners(tx, scope, input);
    const { page, nextMarker } = pageOf("DescribeListeners", found, input);
    return { Listeners: page.map(toListenerView), NextMarker: nextMarker };
  },
});

export const modifyListener = write<ModifyListenerInput, ModifyListenerOutput>({
  action: "elasticloadbalancing:ModifyListener",
  resources: (input) => [input.ListenerArn ?? "*"],
  accepts: { ListenerArn: true, Port: true, Protocol: true, DefaultActions: acceptedActions },
  run({ tx, scope }, input) {
    const listener = findListener(tx, scope, input.ListenerArn);
    const balancer = findBalancer(tx, scope, listener.loadBalancerArn);
    const port = inRange("port", input.Port ?? listener.port, 1, 65535);
    const siblings = tx.table(listeners).by("balancer", scope, balancer.arn);
    if (siblings.some((sibling) => sibling.port === port && sibling.arn !== listener.arn)) {
      throw duplicateListener(balancer.arn);
    }
    const isNewAction = (input.DefaultActions ?? []).length > 0;
    const changed: Listener = {
      ...listener,
      port,
      protocol: validateProtocol(input.Protocol ?? listener.protocol),
      defaultAction: isNewAction
        ? validateActions(tx, scope, balancer, input.DefaultActions)
        : listener.defaultAction,
    };
    tx.table(listeners).put(changed);
    return { Listeners: [toListenerView(changed)] };
  },
});

export const deleteListener = write<DeleteListenerInput, DeleteListenerOutput>({
  action: "elasticloadbalancing:DeleteListener",
  resources: (input) => [input.ListenerArn ?? "*"],
  accepts: { ListenerArn: true },
  run({ tx, scope }, input) {
    const listener = findListener(tx, scope, input.ListenerArn);
    tx.table(listeners).delete(scope, listener.arn);
    return {};
  },
});

export const describeListenerAttributes = read<
  DescribeListenerAttributesInput,
  DescribeListenerAttributesOutput
>({
  action: "elasticloadbalancing:DescribeListenerAttributes",
  resources: () => ["*"],
  accepts: { ListenerArn: true },
  run({ tx, scope }, input) {
    const { attributes } = findListener(tx, scope, input.ListenerArn);
    return { Attributes: toWireAttributes(attributes) };
  },
});

export const describeRules = read<DescribeRulesInput, DescribeRulesOutput>({
  action: "elasticloadbalancing:DescribeRules",
  resources: () => ["*"],
  accepts: { ListenerArn: true, RuleArns: true },
  run({ tx, scope }, input) {
    const { ListenerArn: listenerArn, RuleArns: ruleArns = [] } = input;
    if ((listenerArn === undefined) === (ruleArns.length === 0)) {
      throw validationError("Either a listener ARN or rule ARNs must be specified");
    }
    if (listenerArn !== undefined) {
      return { Rules: [toDefaultRuleView(findListener(tx, scope, listenerArn))] };
    }
    return { Rules: ruleArns.map((arn) => toDefaultRuleView(listenerOfRule(tx, scope, arn))) };
  },
});

/** The listener of that ARN; throws AWS's error for a malformed or an unknown one. */
export function findListener(tx: ReadTransaction, scope: Scope, arn: string | undefined): Listener {
  if (!arn?.match(/^arn:[^:]+:elasticloadbalancing:[^:]*:[^:]*:listener\/./)) {
    throw validationError(`'${arn ?? ""}' is not a valid listener ARN`);
  }
  const listener = tx.table(listeners).get(scope, arn);
  if (!listener) throw listenersNotFound();
  return listener;
}

function listenerOfRule(tx: ReadTransaction, scope: Scope, ruleArn: string): Listener {
  const found = tx
    .table(listeners)
    .list(scope)
    .find((listener) => defaultRuleArn(listener) === ruleArn);
  if (!found) throw rulesNotFound();
  return found;
}

function selectListeners(
  tx: ReadTransaction,
  scope: Scope,
  input: DescribeListenersInput,
): Listener[] {
  const { LoadBalancerArn: balancerArn, ListenerArns: arns = [] } = input;
  if ((balancerArn === undefined) === (arns.length === 0)) {
    throw validationError("You must specify either listener ARNs or a load balancer ARN");
  }
  if (balancerArn === undefined) return arns.map((arn) => findListener(tx, scope, arn));
  return tx.table(listeners).by("balancer", scope, findBalancer(tx, scope, balancerArn).arn);
}

function validateProtocol(protocol: string): "HTTP" {
  const known = oneOf("protocol", protocol, protocols, "HTTP");
  if (known === "HTTPS") throw notBuilt("listeners of protocol 'HTTPS'");
  if (known !== "HTTP") {
    throw validationError(
      `Listener protocol '${known}' is not supported with a load balancer of type 'APPLICATION'`,
    );
  }
  return known;
}
