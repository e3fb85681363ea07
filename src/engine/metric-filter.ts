/** What a metric filter makes of one message. */
import type { MetricTransformation } from "../model/logs.ts";
import { selectFromMessage } from "./log-pattern/json.ts";
import { toNumber } from "./log-pattern/operand.ts";
import type { LogPattern } from "./log-pattern/parsed.ts";

/**
 * The value a message adds; undefined when it does not match, or has no number where the
 * transformation says there is one.
 */
export function metricValueOf(
  pattern: LogPattern,
  { metricValue }: Pick<MetricTransformation, "metricValue">,
  message: string,
): number | undefined {
  if (!metricValue.startsWith("$")) {
    return pattern.matches(message) ? toNumber(metricValue) : undefined;
  }
  const found = pattern.extract(message);
  if (!found) return undefined;
  if (pattern.type !== "json") return toNumber(found[metricValue] ?? "");
  const value = selectFromMessage(message, metricValue);
  return typeof value === "number" || typeof value === "string"
    ? toNumber(String(value))
    : undefined;
}

/** Values of one minute together, as CloudWatch keeps them. */
export type MetricMinute = {
  readonly sum: number;
  readonly count: number;
  readonly minimum: number;
  readonly maximum: number;
};

export const addToMinute = (minute: MetricMinute | undefined, value: number): MetricMinute => ({
  sum: (minute?.sum ?? 0) + value,
  count: (minute?.count ?? 0) + 1,
  minimum: Math.min(minute?.minimum ?? value, value),
  maximum: Math.max(minute?.maximum ?? value, value),
});
