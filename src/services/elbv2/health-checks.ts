/** The settings of a target group's health checks, checked and merged into those it has. */
import type { ModifyTargetGroupInput } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { HealthCheck } from "../../model/load-balancing.ts";
import { notBuilt, validationError } from "./errors.ts";
import { inRange, oneOf } from "./validation.ts";

type HealthCheckInput = Omit<ModifyTargetGroupInput, "TargetGroupArn">;

export const defaultHealthCheck: HealthCheck = {
  enabled: true,
  protocol: "HTTP",
  port: "traffic-port",
  path: "/",
  intervalSeconds: 30,
  timeoutSeconds: 5,
  healthyThreshold: 5,
  unhealthyThreshold: 2,
  matcher: "200",
};

/** `current` with what `input` gives; throws AWS's error for a value out of its bounds. */
export function validateHealthCheck(current: HealthCheck, input: HealthCheckInput): HealthCheck {
  if (input.HealthCheckEnabled === false) {
    throw validationError(
      "Health check enabled must be true for target groups with target type 'ip'",
    );
  }
  const protocols = ["HTTP", "HTTPS", "TCP", "TLS"] as const;
  const protocol = oneOf("healthCheckProtocol", input.HealthCheckProtocol, protocols, "HTTP");
  if (protocol !== "HTTP") throw notBuilt(`the health check protocol '${protocol}'`);
  const next: HealthCheck = {
    enabled: true,
    protocol,
    port: validatePort(input.HealthCheckPort ?? current.port),
    path: validatePath(input.HealthCheckPath ?? current.path),
    intervalSeconds: inRange(
      "healthCheckIntervalSeconds",
      input.HealthCheckIntervalSeconds ?? current.intervalSeconds,
      5,
      300,
    ),
    timeoutSeconds: inRange(
      "healthCheckTimeoutSeconds",
      input.HealthCheckTimeoutSeconds ?? current.timeoutSeconds,
      2,
      120,
    ),
    healthyThreshold: inRange(
      "healthyThresholdCount",
      input.HealthyThresholdCount ?? current.healthyThreshold,
      2,
      10,
    ),
    unhealthyThreshold: inRange(
      "unhealthyThresholdCount",
      input.UnhealthyThresholdCount ?? current.unhealthyThreshold,
      2,
      10,
    ),
    matcher: validateMatcher(input.Matcher?.HttpCode ?? current.matcher),
  };
  if (next.timeoutSeconds >= next.intervalSeconds) {
    throw validationError(
      `Health check timeout '${next.timeoutSeconds}' must be smaller than the interval '${next.intervalSeconds}'`,
    );
  }
  return next;
}

function validatePort(port: string): string {
  if (port === "traffic-port") return port;
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535) {
    throw validationError(`Health check port '${port}' must be in range 1-65535`);
  }
  return port;
}

function validatePath(path: string): string {
  if (path.length > 1024 || !/^\/[\x21-\x7e]*$/.test(path)) {
    throw validationError(
      `Health check path '${path}' must begin with a '/' character, and can only contain printable ASCII characters, without spaces`,
    );
  }
  return path;
}

function validateMatcher(matcher: string): string {
  const isLegal = matcher.split(",").every((part) => {
    const range = /^(\d{3})(?:-(\d{3}))?$/.exec(part);
    const from = Number(range?.[1]);
    const to = Number(range?.[2] ?? range?.[1]);
    return from >= 200 && to <= 499 && from <= to;
  });
  if (!isLegal) {
    throw validationError(
      `Health check matcher HTTP code '${matcher}' must be within '200-499' inclusive`,
    );
  }
  return matcher;
}
