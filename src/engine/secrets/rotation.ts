/** When a secret is next due to be rotated. */
import type { RotationRules } from "../../model/secrets.ts";

const hourMs = 3_600_000;
const units: Readonly<Record<string, number>> = { hour: hourMs, day: 24 * hourMs };

/** What is wrong with rotation rules, in the words of Secrets Manager. */
export function explainRules(rules: RotationRules): string | undefined {
  const { afterDays, schedule, duration } = rules;
  if (afterDays !== undefined && schedule !== undefined) {
    return "You can't specify both AutomaticallyAfterDays and ScheduleExpression.";
  }
  if (afterDays !== undefined && (afterDays < 1 || afterDays > 1000)) {
    return "RotationRules.AutomaticallyAfterDays must be within 1-1000.";
  }
  if (schedule !== undefined && !isSchedule(schedule)) {
    return "RotationRules.ScheduleExpression must be a cron() or rate() expression.";
  }
  if (duration !== undefined && !/^\d{1,2}h$/.test(duration)) {
    return "RotationRules.Duration must be a number of hours, such as 3h.";
  }
  return undefined;
}

/** Undefined for a cron expression, which nothing here carries out. */
export function nextRotation(rules: RotationRules, since: number): number | undefined {
  if (rules.afterDays !== undefined) return since + rules.afterDays * 24 * hourMs;
  const [, count, unit] = ratePattern.exec(rules.schedule ?? "") ?? [];
  const span = units[unit ?? ""];
  return span === undefined ? undefined : since + Number(count) * span;
}

const ratePattern = /^rate\((\d{1,4}) (hour|day)s?\)$/;

const isSchedule = (text: string): boolean =>
  ratePattern.test(text) || /^cron\((?:\S+ ){5}\S+\)$/.test(text);
