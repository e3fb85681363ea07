/** Flow logs in a whole engine without a host: nothing flows, and that is what their records say. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  CreateLogGroupCommand,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateFlowLogsCommand,
  CreateNetworkInterfaceCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteFlowLogsCommand,
  DeleteNetworkInterfaceCommand,
  DescribeFlowLogsCommand,
} from "@aws-sdk/client-ec2";
import { CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Clients } from "../../src/cli/demo/resource.ts";
import { readConfig } from "../../src/daemon/config.ts";
import { type Engine, startEngine } from "../../src/daemon/engine.ts";
import { formatOf } from "../../src/model/flow-log-fields.ts";
import { clientsOf } from "../live/support/hello.ts";
import { allowing, trusting } from "./support/account.ts";

const region = "ap-northeast-1";
const group = "/vpc/flows";
const minute = 60_000;
const service = { Service: "vpc-flow-logs.amazonaws.com" };

let home: string;
let engine: Engine;
let clients: Clients;

beforeEach(async () => {
  home = mkdtempSync(path.join(tmpdir(), "ng-scenario-"));
  const options = { port: "0", "state-dir": home, runtime: "simulated", clock: "manual", region };
  engine = await startEngine(readConfig(options));
  await engine.ready;
  clients = clientsOf(engine);
});
afterEach(async () => {
  await engine.stop({ removeAll: true });
  rmSync(home, { recursive: true, force: true });
});

async function makeInterface() {
  const { ec2 } = clients;
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
  const VpcId = Vpc?.VpcId ?? "";
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: "10.0.1.0/24" }));
  const SubnetId = Subnet?.SubnetId;
  const made = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId }));
  return { VpcId, id: made.NetworkInterface?.NetworkInterfaceId ?? "" };
}

async function makeRole(name: string, trusted: object = service): Promise<string> {
  const role = { RoleName: name, AssumeRolePolicyDocument: trusting(trusted) };
  return (await clients.iam.send(new CreateRoleCommand(role))).Role?.Arn ?? "";
}

const allow = (RoleName: string, ...Action: string[]) =>
  clients.iam.send(
    new PutRolePolicyCommand({
      RoleName,
      PolicyName: "deliver",
      PolicyDocument: allowing({ Action }),
    }),
  );

async function makeLog(ResourceId: string, DeliverLogsPermissionArn: string, more: object = {}) {
  const { FlowLogIds } = await clients.ec2.send(
    new CreateFlowLogsCommand({
      ResourceIds: [ResourceId],
      ResourceType: ResourceId.startsWith("vpc-") ? "VPC" : "NetworkInterface",
      TrafficType: "ALL",
      LogGroupName: group,
      DeliverLogsPermissionArn,
      MaxAggregationInterval: 60,
      ...more,
    }),
  );
  return FlowLogIds?.[0] ?? "";
}

const statusOf = async (id: string) => {
  const { FlowLogs } = await clients.ec2.send(new DescribeFlowLogsCommand({ FlowLogIds: [id] }));
  return [FlowLogs?.[0]?.DeliverLogsStatus, FlowLogs?.[0]?.DeliverLogsErrorMessage];
};

const lines = async (logStreamName: string): Promise<string[]> => {
  const asked = { logGroupName: group, logStreamName, startFromHead: true };
  const { events } = await clients.logs.send(new GetLogEventsCommand(asked));
  return (events ?? []).map(({ message }) => message ?? "");
};

it("a minute without traffic: NODATA in a stream of the interface; deleted: no more records", async () => {
  await clients.logs.send(new CreateLogGroupCommand({ logGroupName: group }));
  const { VpcId, id } = await makeInterface();
  const roleArn = await makeRole("flows");
  await allow("flows", "logs:CreateLogStream", "logs:PutLogEvents");
  const log = await makeLog(VpcId, roleArn);
  await engine.advance(minute);
  const [first, ...others] = await lines(`${id}-all`);
  expect(others).toEqual([]);
  const match = new RegExp(`^2 000000000000 ${id} - - - - - - - (\\d+) (\\d+) - NODATA$`).exec(
    first ?? "",
  );
  expect(Number(match?.[2]) - Number(match?.[1])).toBe(60);
  expect(await statusOf(log)).toEqual(["SUCCESS", undefined]);
  await engine.advance(minute);
  expect(await lines(`${id}-all`)).toHaveLength(2);
  await clients.ec2.send(new DeleteFlowLogsCommand({ FlowLogIds: [log] }));
  await engine.advance(10 * minute);
  expect(await lines(`${id}-all`)).toHaveLength(2);
});

it("a role that may not, or is another's: Access error; once it may, the group is made and filled", async () => {
  const { id } = await makeInterface();
  const wrong = await makeLog(id, await makeRole("tasks", { Service: "ecs-tasks.amazonaws.com" }));
  const log = await makeLog(id, await makeRole("flows"), { TrafficType: "REJECT" });
  await allow("tasks", "logs:*");
  await allow("flows", "logs:CreateLogStream", "logs:PutLogEvents");
  await engine.advance(minute);
  const denied = ["FAILED", "Access error"];
  expect([await statusOf(wrong), await statusOf(log)]).toEqual([denied, denied]);
  await allow("flows", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents");
  await engine.advance(minute);
  expect(await statusOf(log)).toEqual(["SUCCESS", undefined]);
  expect(await lines(`${id}-reject`)).toHaveLength(1);
});

it("an interface that goes within the minute: told once more, then never again", async () => {
  const { VpcId, id } = await makeInterface();
  const roleArn = await makeRole("flows");
  await allow("flows", "logs:*");
  await makeLog(VpcId, roleArn, {
    LogFormat: formatOf("version", "vpc-id", "interface-id", "log-status"),
  });
  await engine.advance(minute / 2);
  await clients.ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id }));
  await engine.advance(3 * minute);
  expect(await lines(`${id}-all`)).toEqual([`3 ${VpcId} ${id} NODATA`]);
  const { logStreams } = await clients.logs.send(
    new DescribeLogStreamsCommand({ logGroupName: group }),
  );
  expect(logStreams).toHaveLength(1);
});
