/** Flow logs of VPCs, subnets and network interfaces, to log groups. */
import type {
  CreateFlowLogsRequest,
  CreateFlowLogsResult,
  DeleteFlowLogsRequest,
  DeleteFlowLogsResult,
  DescribeFlowLogsRequest,
  DescribeFlowLogsResult,
  FlowLog as FlowLogView,
  UnsuccessfulItem,
} from "@aws-sdk/client-ec2";
import { formatArn } from "../../model/arn.ts";
import type { FlowLog } from "../../model/network.ts";
import type { Scope } from "../../model/scope.ts";
import { flowLogs } from "../../state/tables/network.ts";
import { chosen, describePage } from "./describe.ts";
import { invalidParameterValue, invalidValue, missingParameter } from "./errors.ts";
import type { FilterTable } from "./filters.ts";
import { logFormatOf } from "./flow-log-format.ts";
import { madeBefore, rememberToken } from "./idempotency.ts";
import { flowLogExists, invalidParameter, notBuilt } from "./link-errors.ts";
import { birth } from "./make-vpc.ts";
import { arnOf, operation } from "./operation.ts";
import {
  type Context,
  find,
  flowLogKind,
  networkInterfaceKind,
  newId,
  subnetKind,
  vpcKind,
} from "./resources.ts";
import { tagsFrom, toTagViews } from "./tags.ts";

const intervals = [60, 600];
const trafficTypes = ["ACCEPT", "REJECT", "ALL"] as const;

export const createFlowLogs = operation<CreateFlowLogsRequest, CreateFlowLogsResult>({
  name: "CreateFlowLogs",
  resources: (_, scope) => [arnOf(scope, "vpc-flow-log", undefined)],
  accepts: {
    ResourceIds: true,
    ResourceType: true,
    TrafficType: true,
    LogDestinationType: true,
    LogDestination: true,
    LogGroupName: true,
    DeliverLogsPermissionArn: true,
    LogFormat: true,
    MaxAggregationInterval: true,
    ClientToken: true,
    TagSpecifications: true,
  },
  run(context, input) {
    if (!input.ResourceIds?.length) throw missingParameter("resourceIds");
    const name = "CreateFlowLogs";
    // One request makes several; their ids are remembered together.
    const known = madeBefore(context, name, input.ClientToken, input);
    if (known) return answer(known.split(","), input);
    const settings = settingsOf(context, input);
    for (const id of input.ResourceIds) checkResource(context, input.ResourceType, id);
    const ids = input.ResourceIds.map((resourceId) => makeFlowLog(context, resourceId, settings));
    rememberToken(context, name, input.ClientToken, input, ids.join(","));
    return answer(ids, input);
  },
});

const answer = (ids: string[], { ClientToken }: CreateFlowLogsRequest): CreateFlowLogsResult => ({
  FlowLogIds: ids,
  ClientToken,
  Unsuccessful: [],
});

type Settings = Pick<
  FlowLog,
  "tags" | "trafficType" | "logGroupName" | "roleArn" | "logFormat" | "maxAggregationInterval"
>;

function settingsOf({ scope }: Context, input: CreateFlowLogsRequest): Settings {
  const trafficType = trafficTypes.find((type) => type === input.TrafficType);
  if (!input.TrafficType) throw missingParameter("trafficType");
  if (!trafficType) {
    throw invalidValue("trafficType", input.TrafficType, "Expecting ACCEPT, REJECT or ALL.");
  }
  const maxAggregationInterval = input.MaxAggregationInterval ?? 600;
  if (!intervals.includes(maxAggregationInterval)) {
    throw invalidParameterValue("Invalid Max Aggregation Interval. It must be 60 or 600 seconds.");
  }
  return {
    tags: tagsFrom(input.TagSpecifications, "vpc-flow-log"),
    trafficType,
    logGroupName: logGroupOf(scope, input),
    roleArn: roleOf(input.DeliverLogsPermissionArn),
    logFormat: logFormatOf(input.LogFormat),
    maxAggregationInterval,
  };
}

function logGroupOf(scope: Scope, input: CreateFlowLogsRequest): string {
  const { LogDestinationType = "cloud-watch-logs", LogDestination, LogGroupName } = input;
  if (LogDestinationType === "s3" || LogDestinationType === "kinesis-data-firehose") {
    throw notBuilt(`flow logs with the destination ${LogDestinationType}`);
  }
  if (LogDestinationType !== "cloud-watch-logs") {
    throw invalidValue("logDestinationType", LogDestinationType, "Expecting cloud-watch-logs.");
  }
  if (LogDestination && LogGroupName) {
    throw invalidParameter("Please only provide LogGroupName or only provide LogDestination.");
  }
  if (LogGroupName) return LogGroupName;
  if (!LogDestination) throw missingParameter("LogGroupName or LogDestination");
  const prefix = formatArn("logs", scope, "log-group:");
  const name = LogDestination.startsWith(prefix) ? LogDestination.slice(prefix.length) : "";
  const plain = name.replace(/:\*$/, "");
  if (!plain)
    throw invalidParameterValue("Invalid LogDestination. It must be the ARN of a log group.");
  return plain;
}

function roleOf(arn: string | undefined): string {
  if (!arn) {
    throw invalidParameter(
      "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.",
    );
  }
  if (/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/.test(arn)) return arn;
  throw invalidParameter(`Invalid DeliverLogsPermissionArn: ${arn}`);
}

function checkResource(context: Context, type: string | undefined, id: string): void {
  switch (type) {
    case "VPC":
      find(context, vpcKind, id);
      return;
    case "Subnet":
      find(context, subnetKind, id);
      return;
    case "NetworkInterface":
      find(context, networkInterfaceKind, id);
      return;
    case undefined:
      throw missingParameter("resourceType");
    case "TransitGateway":
    case "TransitGatewayAttachment":
    case "RegionalNatGateway":
      throw notBuilt(`flow logs of the resource type ${type}`);
    default:
      throw invalidValue("resourceType", type, "Expecting VPC, Subnet or NetworkInterface.");
  }
}

function makeFlowLog(context: Context, resourceId: string, settings: Settings): string {
  const { tx, scope } = context;
  const { logGroupName, trafficType, logFormat } = settings;
  const isSame = (other: FlowLog): boolean =>
    other.logGroupName === logGroupName &&
    other.trafficType === trafficType &&
    other.logFormat === logFormat;
  if (tx.table(flowLogs).by("resource", scope, resourceId).some(isSame)) throw flowLogExists();
  const flowLogId = newId(context, "fl-");
  tx.table(flowLogs).put({ ...birth(context), ...settings, flowLogId, resourceId });
  return flowLogId;
}

export const deleteFlowLogs = operation<DeleteFlowLogsRequest, DeleteFlowLogsResult>({
  name: "DeleteFlowLogs",
  resources: (input, scope) =>
    (input.FlowLogIds ?? []).map((id) => arnOf(scope, "vpc-flow-log", id)),
  accepts: { FlowLogIds: true },
  run({ tx, scope }, input) {
    if (!input.FlowLogIds?.length) throw missingParameter("flowLogIds");
    const Unsuccessful = input.FlowLogIds.flatMap((id): UnsuccessfulItem[] => {
      if (tx.table(flowLogs).get(scope, id)) {
        tx.table(flowLogs).delete(scope, id);
        return [];
      }
      const { code, message } = flowLogKind.notFound(id);
      return [{ ResourceId: id, Error: { Code: code, Message: message } }];
    });
    return { Unsuccessful };
  },
});

const filters: FilterTable<FlowLogView> = {
  "deliver-log-status": (log) => log.DeliverLogsStatus,
  "flow-log-id": (log) => log.FlowLogId,
  "log-destination-type": (log) => log.LogDestinationType,
  "log-group-name": (log) => log.LogGroupName,
  "resource-id": (log) => log.ResourceId,
  "traffic-type": (log) => log.TrafficType,
};

export const describeFlowLogs = operation<DescribeFlowLogsRequest, DescribeFlowLogsResult>({
  name: "DescribeFlowLogs",
  accepts: { FlowLogIds: true, Filter: true, MaxResults: true, NextToken: true },
  run(context, input) {
    const { tx, scope } = context;
    const records = chosen(
      input.FlowLogIds,
      () => tx.table(flowLogs).list(scope),
      (id) => find(context, flowLogKind, id),
    );
    const asked = { ...input, Filters: input.Filter };
    const { items, NextToken } = describePage(records.map(toFlowLogView), asked, {
      operation: "DescribeFlowLogs",
      keyOf: (log) => log.FlowLogId,
      filters,
    });
    return { FlowLogs: items, NextToken };
  },
});

const toFlowLogView = (log: FlowLog): FlowLogView => ({
  FlowLogId: log.flowLogId,
  FlowLogStatus: "ACTIVE",
  ResourceId: log.resourceId,
  TrafficType: log.trafficType,
  LogDestinationType: "cloud-watch-logs",
  LogDestination: formatArn("logs", log, `log-group:${log.logGroupName}`),
  LogGroupName: log.logGroupName,
  DeliverLogsPermissionArn: log.roleArn,
  DeliverLogsStatus: log.failure === undefined ? "SUCCESS" : "FAILED",
  DeliverLogsErrorMessage: log.failure,
  LogFormat: log.logFormat,
  MaxAggregationInterval: log.maxAggregationInterval,
  CreationTime: new Date(log.createdAt),
  Tags: toTagViews(log.tags),
});
