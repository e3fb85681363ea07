/**
 * Metric filters: patterns over a group's events that count towards a metric. A loop counts what they
 * match, by the minute.
 */
import type * as Logs from "@aws-sdk/client-cloudwatch-logs";
import { read, write } from "../../gateway/service.ts";
import type { MetricFilter, MetricTransformation } from "../../model/logs.ts";
import { logFilterKey, metricFilters } from "../../state/tables/logs.ts";
import { failedConstraint, invalidParameter } from "./errors.ts";
import { toPattern } from "./filter-pattern.ts";
import { deleteLogFilter, type LogFilterKind, putLogFilter } from "./log-filters.ts";
import { groupArns, requireGroup } from "./lookup.ts";
import { pageOf } from "./paging.ts";

const kind: LogFilterKind<MetricFilter> = {
  name: "metric",
  table: metricFilters,
  mostPerGroup: 100,
};
const mostDimensions = 3;
const mostMessages = 50;

export const putMetricFilter = write<Logs.PutMetricFilterRequest, Record<string, never>>({
  action: "logs:PutMetricFilter",
  resources: groupArns,
  accepts: {
    logGroupName: true,
    filterName: true,
    filterPattern: true,
    metricTransformations: true,
  },
  stored: ["metricTransformations"],
  run(context, input) {
    putLogFilter(context, kind, input, (filter) => ({
      ...filter,
      transformations: validateTransformations(input.metricTransformations ?? []),
    }));
    return {};
  },
});

function validateTransformations(
  input: readonly Logs.MetricTransformation[],
): MetricTransformation[] {
  if (input.length !== 1) {
    const bound =
      input.length < 1
        ? "Member must have length greater than or equal to 1"
        : "Member must have length less than or equal to 1";
    throw failedConstraint("metricTransformations", `${input.length} transformations`, bound);
  }
  return input.map((one) => {
    const { metricName = "", metricNamespace = "", metricValue = "", defaultValue } = one;
    validateMetricText("metricName", metricName);
    validateMetricText("metricNamespace", metricNamespace);
    if (!isMetricValue(metricValue)) throw invalidParameter("Invalid metric transformation");
    const { dimensions } = one;
    const count = Object.keys(dimensions ?? {}).length;
    if (count > mostDimensions) {
      throw invalidParameter(`A metric filter can have no more than ${mostDimensions} dimensions`);
    }
    if (count > 0 && defaultValue !== undefined) {
      throw invalidParameter(
        "Invalid metric transformation: dimensions and default value are mutually exclusive properties.",
      );
    }
    return { metricName, metricNamespace, metricValue, defaultValue, dimensions, unit: one.unit };
  });
}

function validateMetricText(member: string, text: string): void {
  if (/^[^:*$]{1,255}$/.test(text)) return;
  throw failedConstraint(
    `metricTransformations.1.member.${member}`,
    text,
    "Member must satisfy regular expression pattern: [^:*$]*",
  );
}

/** A number, or a selector of one in the message. */
const isMetricValue = (text: string): boolean =>
  text.length <= 100 && (/^\$.+/.test(text) || (text !== "" && Number.isFinite(Number(text))));

export const deleteMetricFilter = write<Logs.DeleteMetricFilterRequest, Record<string, never>>({
  action: "logs:DeleteMetricFilter",
  resources: groupArns,
  accepts: { logGroupName: true, filterName: true },
  run(context, input) {
    deleteLogFilter(context, kind, input);
    return {};
  },
});

export const describeMetricFilters = read<
  Logs.DescribeMetricFiltersRequest,
  Logs.DescribeMetricFiltersResponse
>({
  action: "logs:DescribeMetricFilters",
  resources: (input, context) => groupArns({ logGroupName: input.logGroupName ?? "*" }, context),
  accepts: {
    logGroupName: true,
    filterNamePrefix: true,
    metricName: true,
    metricNamespace: true,
    nextToken: true,
    limit: true,
  },
  run({ tx, scope }, input) {
    if ((input.metricName === undefined) !== (input.metricNamespace === undefined)) {
      throw invalidParameter(
        "If you include the metricName parameter, you must also include the metricNamespace parameter.",
      );
    }
    if (input.logGroupName !== undefined) requireGroup({ tx, scope }, input.logGroupName);
    const keyOf = (filter: MetricFilter): string => logFilterKey(filter.group, filter.name);
    const asked = tx
      .table(metricFilters)
      .list(scope)
      .filter(isAskedFor(input))
      .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const { page, nextToken } = pageOf(asked, input, {
      operation: "DescribeMetricFilters",
      keyOf,
    });
    return { metricFilters: page.map(toView), nextToken };
  },
});

const isAskedFor =
  (input: Logs.DescribeMetricFiltersRequest) =>
  ({ group, name, transformations }: MetricFilter): boolean =>
    (input.logGroupName === undefined || group === input.logGroupName) &&
    name.startsWith(input.filterNamePrefix ?? "") &&
    (input.metricName === undefined ||
      transformations.some(
        (one) =>
          one.metricName === input.metricName && one.metricNamespace === input.metricNamespace,
      ));

const toView = (filter: MetricFilter): Logs.MetricFilter => ({
  filterName: filter.name,
  filterPattern: filter.pattern,
  metricTransformations: filter.transformations.map((one) => ({
    ...one,
    dimensions: one.dimensions && { ...one.dimensions },
    unit: one.unit as Logs.StandardUnit | undefined,
  })),
  creationTime: filter.createdAt,
  logGroupName: filter.group,
  applyOnTransformedLogs: false,
});

export const testMetricFilter = read<Logs.TestMetricFilterRequest, Logs.TestMetricFilterResponse>({
  action: "logs:TestMetricFilter",
  resources: () => ["*"],
  accepts: { filterPattern: true, logEventMessages: true },
  run(_, input) {
    const messages = input.logEventMessages ?? [];
    if (messages.length < 1 || messages.length > mostMessages) {
      const bound = `Member must have length between 1 and ${mostMessages}, inclusive`;
      throw failedConstraint("logEventMessages", `${messages.length} messages`, bound);
    }
    const pattern = toPattern(input.filterPattern ?? "", "Invalid metric filter pattern");
    const matches = messages.flatMap((eventMessage, at) => {
      const found = pattern.extract(eventMessage);
      return found ? [{ eventNumber: at + 1, eventMessage, extractedValues: { ...found } }] : [];
    });
    return { matches };
  },
});
