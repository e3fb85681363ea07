/** What metric filters have counted, by minute. */
import type { Scope } from "../../model/scope.ts";
import { defineTable } from "../table.ts";

export type MetricPoint = Scope & {
  readonly group: string;
  readonly filter: string;
  /** The minute's beginning, milliseconds since the epoch. */
  readonly at: number;
  readonly sum: number;
  readonly count: number;
  readonly minimum: number;
  readonly maximum: number;
};

export const metricPointKey = ({
  group,
  filter,
  at,
}: Pick<MetricPoint, "group" | "filter" | "at">): string => `${group}:${filter}:${at}`;

export const metricPoints = defineTable<MetricPoint>({
  name: "log-metric-points",
  key: metricPointKey,
});
