/** Listener actions: checked and taken from the wire into the model. */
import type {
  FixedResponseActionConfig,
  RedirectActionConfig,
  Action as WireAction,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Accepts } from "../../gateway/service.ts";
import type { Action, ForwardTarget, LoadBalancer } from "../../model/load-balancing.ts";
import type { Scope } from "../../model/scope.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { listeners, targetGroups } from "../../state/tables/load-balancing.ts";
import {
  invalidAction,
  notBuilt,
  targetGroupAssociationLimit,
  targetGroupsNotFound,
  tooMany,
  validationError,
} from "./errors.ts";
import { inRange, oneOf } from "./validation.ts";

export const acceptedActions: Accepts<WireAction> = {
  Type: true,
  Order: true,
  TargetGroupArn: true,
  ForwardConfig: {
    TargetGroups: { TargetGroupArn: true, Weight: true },
    TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: true },
  },
  RedirectConfig: true,
  FixedResponseConfig: true,
};

const actionTypes = [
  "forward",
  "redirect",
  "fixed-response",
  "authenticate-oidc",
  "authenticate-cognito",
  "jwt-validation",
] as const;
const maxGroupsPerAction = 5;

/** The one action of a listener's default; throws AWS's error for anything it cannot be. */
export function validateActions(
  tx: ReadTransaction,
  scope: Scope,
  balancer: LoadBalancer,
  wire: readonly WireAction[] | undefined,
): Action {
  const [action, ...others] = wire ?? [];
  if (!action) throw validationError("A listener must have at least one default action");
  if (others.length > 0) throw tooMany("Actions", "A listener can have one default action");
  // The order of one action among one says nothing, and answers have the first.
  if ((action.Order ?? 1) !== 1) throw notBuilt("another order of a listener's one action than 1");
  const type = oneOf("defaultActions.1.member.type", action.Type, actionTypes, "forward");
  switch (type) {
    case "forward":
      return validateForward(tx, scope, balancer, action);
    case "redirect":
      return validateRedirect(action.RedirectConfig);
    case "fixed-response":
      return validateFixedResponse(action.FixedResponseConfig);
    default:
      throw notBuilt(`actions of type '${type}'`);
  }
}

function validateForward(
  tx: ReadTransaction,
  scope: Scope,
  balancer: LoadBalancer,
  action: WireAction,
): Action {
  const targets = forwardTargets(action);
  const stickiness = action.ForwardConfig?.TargetGroupStickinessConfig;
  if (stickiness?.Enabled) throw notBuilt("stickiness between target groups");
  const groups = targets.map(({ targetGroupArn }) => {
    const group = tx.table(targetGroups).get(scope, targetGroupArn);
    if (!group) throw targetGroupsNotFound();
    return group;
  });
  const foreign = groups.filter((group) => group.vpcId !== balancer.vpcId);
  if (foreign.length > 0) {
    throw validationError(
      `The following target groups are in a different VPC than load balancer '${balancer.arn}': ` +
        foreign.map((group) => group.arn).join(", "),
    );
  }
  const taken = targets
    .map((target) => target.targetGroupArn)
    .filter((arn) => isUsedByAnother(tx, scope, arn, balancer.arn));
  if (taken.length > 0) throw targetGroupAssociationLimit(taken);
  return { type: "forward", targets, stickinessSeconds: undefined };
}

function forwardTargets(action: WireAction): ForwardTarget[] {
  const long = action.ForwardConfig?.TargetGroups ?? [];
  if (long.length === 0) {
    if (!action.TargetGroupArn) {
      throw validationError("A target group ARN must be specified for a forward action");
    }
    return [{ targetGroupArn: action.TargetGroupArn, weight: 1 }];
  }
  if (long.length > maxGroupsPerAction) {
    throw tooMany("TargetGroups", `An action can have at most ${maxGroupsPerAction} target groups`);
  }
  if (action.TargetGroupArn && !long.some((one) => one.TargetGroupArn === action.TargetGroupArn)) {
    throw invalidAction("The target group ARN must be one of the forward configuration's");
  }
  return long.map((one) => ({
    targetGroupArn: one.TargetGroupArn ?? "",
    weight: inRange("weight", one.Weight ?? 1, 0, 999),
  }));
}

function isUsedByAnother(
  tx: ReadTransaction,
  scope: Scope,
  targetGroupArn: string,
  loadBalancerArn: string,
): boolean {
  return tx
    .table(listeners)
    .by("targetGroup", scope, targetGroupArn)
    .some((listener) => listener.loadBalancerArn !== loadBalancerArn);
}

function validateRedirect(config: RedirectActionConfig | undefined): Action {
  if (!config) throw invalidAction("A redirect action must have a redirect configuration");
  const action = {
    type: "redirect",
    protocol: config.Protocol || "#{protocol}",
    port: config.Port || "#{port}",
    host: config.Host || "#{host}",
    path: config.Path || "/#{path}",
    query: config.Query ?? "#{query}",
    statusCode: oneOf(
      "defaultActions.1.member.redirectConfig.statusCode",
      config.StatusCode,
      ["HTTP_301", "HTTP_302"],
      "HTTP_301",
    ),
  } as const;
  if (!/^(HTTPS?|#\{protocol\})$/.test(action.protocol)) {
    throw validationError(`The redirect protocol '${action.protocol}' is not valid`);
  }
  const isPort = /^\d{1,5}$/.test(action.port) && Number(action.port) >= 1;
  if (action.port !== "#{port}" && !(isPort && Number(action.port) <= 65535)) {
    throw validationError(`The redirect port '${action.port}' is not valid`);
  }
  if (!action.path.startsWith("/")) {
    throw validationError("The redirect path must begin with a '/'");
  }
  const isSame =
    action.protocol === "#{protocol}" &&
    action.port === "#{port}" &&
    action.host === "#{host}" &&
    action.path === "/#{path}";
  if (isSame) {
    throw invalidAction("The redirect configuration is not valid because it creates a loop.");
  }
  return action;
}

const contentTypes = [
  "text/plain",
  "text/css",
  "text/html",
  "application/javascript",
  "application/json",
];

function validateFixedResponse(config: FixedResponseActionConfig | undefined): Action {
  if (!config) throw invalidAction("A fixed-response action must have a configuration");
  const { StatusCode: statusCode = "", ContentType: contentType, MessageBody: body } = config;
  if (!/^[245]\d\d$/.test(statusCode)) {
    throw validationError(`The fixed response status code '${statusCode}' is not valid`);
  }
  if (contentType && !contentTypes.includes(contentType)) {
    throw validationError(`The fixed response content type '${contentType}' is not valid`);
  }
  if (body && body.length > 1024) {
    throw validationError("The fixed response message body cannot exceed 1024 characters");
  }
  return {
    type: "fixed-response",
    statusCode,
    contentType: contentType || undefined,
    messageBody: body || undefined,
  };
}
