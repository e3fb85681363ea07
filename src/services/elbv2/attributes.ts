/**
 * Attributes of load balancers, target groups and listeners: every key that AWS gives back, its
 * default, and which values do something here. A value that would have to do something and does not
 * is refused; `harmless` marks those that make no difference to a plain HTTP balancer.
 */
import { notBuilt, validationError } from "./errors.ts";

type Rule = {
  readonly fallback: string;
  /** Values that are legal on AWS. */
  readonly legal: RegExp | { readonly from: number; readonly to: number };
  /** Legal values that have no effect yet are refused unless this is true or the value the default. */
  readonly acted: boolean;
};

const flag = /^(true|false)$/;
const text = /^.*$/s;
const acted = (fallback: string, legal: Rule["legal"]): Rule => ({ fallback, legal, acted: true });
/** Kept and given back; makes no difference to what a plain HTTP balancer does. */
const harmless = acted;
const refused = (fallback: string, legal: Rule["legal"]): Rule => ({
  fallback,
  legal,
  acted: false,
});

export type AttributeRules = {
  /** What AWS calls the resource in its messages. */
  readonly of: string;
  readonly rules: Readonly<Record<string, Rule>>;
};

export const loadBalancerAttributes: AttributeRules = {
  of: "load balancer",
  rules: {
    "access_logs.s3.enabled": refused("false", flag),
    "access_logs.s3.bucket": harmless("", text),
    "access_logs.s3.prefix": harmless("", text),
    "client_keep_alive.seconds": harmless("3600", { from: 60, to: 604800 }),
    "connection_logs.s3.enabled": refused("false", flag),
    "connection_logs.s3.bucket": harmless("", text),
    "connection_logs.s3.prefix": harmless("", text),
    "deletion_protection.enabled": acted("false", flag),
    "health_check_logs.s3.enabled": refused("false", flag),
    "health_check_logs.s3.bucket": harmless("", text),
    "health_check_logs.s3.prefix": harmless("", text),
    "idle_timeout.timeout_seconds": acted("60", { from: 1, to: 4000 }),
    "ipv6.deny_all_igw_traffic": harmless("false", flag),
    "load_balancing.cross_zone.enabled": refused("true", flag),
    "routing.http.desync_mitigation_mode": harmless("defensive", /^(monitor|defensive|strictest)$/),
    "routing.http.drop_invalid_header_fields.enabled": acted("false", flag),
    "routing.http.preserve_host_header.enabled": harmless("false", flag),
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": harmless("false", flag),
    "routing.http.xff_client_port.enabled": acted("false", flag),
    "routing.http.xff_header_processing.mode": acted("append", /^(append|preserve|remove)$/),
    "routing.http2.enabled": harmless("true", flag),
    "waf.fail_open.enabled": harmless("false", flag),
    "zonal_shift.config.enabled": harmless("false", flag),
  },
};

export const targetGroupAttributes: AttributeRules = {
  of: "target group",
  rules: {
    "deregistration_delay.timeout_seconds": acted("300", { from: 0, to: 3600 }),
    "load_balancing.algorithm.anomaly_mitigation": refused("off", /^(on|off)$/),
    "load_balancing.algorithm.type": acted(
      "round_robin",
      /^(round_robin|least_outstanding_requests|weighted_random)$/,
    ),
    "load_balancing.cross_zone.enabled": refused(
      "use_load_balancer_configuration",
      /^(true|false|use_load_balancer_configuration)$/,
    ),
    "slow_start.duration_seconds": refused("0", /^(0|[3-9]\d|[1-8]\d\d|900)$/),
    "stickiness.app_cookie.cookie_name": harmless("", text),
    "stickiness.app_cookie.duration_seconds": harmless("86400", { from: 1, to: 604800 }),
    "stickiness.enabled": refused("false", flag),
    "stickiness.lb_cookie.duration_seconds": harmless("86400", { from: 1, to: 604800 }),
    "stickiness.type": harmless("lb_cookie", /^(lb_cookie|app_cookie)$/),
    "target_group_health.dns_failover.minimum_healthy_targets.count": harmless("1", /^(off|\d+)$/),
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": harmless(
      "off",
      /^(off|\d+)$/,
    ),
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": refused(
      "1",
      /^\d+$/,
    ),
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": refused(
      "off",
      /^(off|\d+)$/,
    ),
  },
};

export const listenerAttributes: AttributeRules = {
  of: "listener",
  rules: { "routing.http.response.server.enabled": refused("true", flag) },
};

type Attributes = Readonly<Record<string, string>>;
type WireAttribute = { Key?: string | undefined; Value?: string | undefined };

export const defaultAttributes = ({ rules }: AttributeRules): Attributes =>
  Object.fromEntries(Object.entries(rules).map(([key, rule]) => [key, rule.fallback]));

/** `current` with the changes applied; throws before anything changes. */
export function changeAttributes(
  attributes: AttributeRules,
  current: Attributes,
  changes: readonly WireAttribute[],
): Attributes {
  const next = { ...current };
  for (const { Key: key = "", Value: value = "" } of changes) {
    validateAttribute(attributes, key, value);
    next[key] = value;
  }
  return next;
}

export const toWireAttributes = (attributes: Attributes): { Key: string; Value: string }[] =>
  Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));

function validateAttribute({ of, rules }: AttributeRules, key: string, value: string): void {
  const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
  if (!rule) {
    throw validationError(`${capital(of)} attribute key '${key}' is not recognized`);
  }
  if (!isLegal(rule.legal, value)) {
    throw validationError(`${capital(of)} attribute value '${value}' is invalid for key '${key}'`);
  }
  if (!rule.acted && value !== rule.fallback) {
    throw notBuilt(`the ${of} attribute '${key}' with the value '${value}'`);
  }
}

function isLegal(legal: Rule["legal"], value: string): boolean {
  if (legal instanceof RegExp) return legal.test(value);
  return /^\d+$/.test(value) && Number(value) >= legal.from && Number(value) <= legal.to;
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
