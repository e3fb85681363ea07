import { describe, expect, it } from "vitest";
import { aTask } from "../../../test/builders/ecs.ts";
import type { FlowCount } from "../../model/flow-count.ts";
import { defaultLogFormat, formatOf } from "../../model/flow-log-fields.ts";
import type { NetworkInterface } from "../../model/network.ts";
import { flowRecords, type LoggedInterface } from "./records.ts";

const record: NetworkInterface = {
  account: "000000000000",
  region: "eu-west-1",
  tags: [],
  createdAt: 0,
  networkInterfaceId: "eni-1",
  vpcId: "vpc-1",
  subnetId: "subnet-1",
  availabilityZone: "eu-west-1a",
  privateIp: "10.0.0.5",
  macAddress: "",
  groupIds: [],
  description: "",
  owner: { type: "user" },
  publicIp: undefined,
  sourceDestCheck: true,
  status: "in-use",
  attachmentId: undefined,
};
const of: LoggedInterface = {
  record,
  zoneId: "euw1-az3",
  ownCidrs: ["10.0.0.0/16"],
  peerCidrs: ["10.1.0.0/16"],
  task: undefined,
};
const window = { start: 1_000_000, end: 1_060_500 };
const none = { packets: 0, bytes: 0 };
const some = (packets: number) => ({ packets, bytes: packets * 100 });
const flow = (over: Partial<FlowCount> = {}): FlowCount => ({
  source: "10.0.0.4",
  destination: "10.0.0.5",
  protocol: 6,
  sourcePort: 40000,
  destinationPort: 80,
  sent: { accepted: some(9), rejected: none },
  received: { accepted: some(6), rejected: some(3) },
  tcpFlags: 3,
  ...over,
});
type Log = Parameters<typeof flowRecords>[0];
const said = (flows: readonly FlowCount[], log: Partial<Log> = {}, isWhole = true) => {
  const whole: Log = { logFormat: defaultLogFormat, trafficType: "ALL", ...log };
  return flowRecords(whole, of, { flows, isWhole }, window);
};

describe("flow records", () => {
  it("a flow of which a part was rejected: a record for each action, in the default format", () => {
    const common = "2 000000000000 eni-1 10.0.0.4 10.0.0.5 40000 80 6";
    expect(said([flow()])).toEqual([
      `${common} 6 600 1000 1060 ACCEPT OK`,
      `${common} 3 300 1000 1060 REJECT OK`,
    ]);
    expect(said([flow()], { trafficType: "REJECT" })).toEqual([
      `${common} 3 300 1000 1060 REJECT OK`,
    ]);
  });

  it("flows of others, and none at all: NODATA; more than were counted: SKIPDATA", () => {
    const strangers = flow({ source: "10.0.0.7", destination: "10.0.0.8" });
    const nothing = "2 000000000000 eni-1 - - - - - - - 1000 1060 - NODATA";
    expect(said([])).toEqual([nothing]);
    expect(said([strangers])).toEqual([nothing]);
    expect(said([], {}, false)).toEqual([nothing.replace("NODATA", "SKIPDATA")]);
  });

  it("a secondary address: the interface's end is its primary one, the packet's fields tell it", () => {
    const secondaryAddresses = [{ privateIp: "10.0.0.50", publicIp: undefined }];
    const logFormat = formatOf("srcaddr", "dstaddr", "pkt-srcaddr", "pkt-dstaddr");
    const two = { ...of, record: { ...record, secondaryAddresses } };
    const received = { accepted: some(6), rejected: none };
    const flows = [
      flow({ destination: "10.0.0.50", received }),
      flow({ source: "10.0.0.50", destination: "10.0.0.4" }),
    ];
    expect(
      flowRecords({ logFormat, trafficType: "ALL" }, two, { flows, isWhole: true }, window),
    ).toEqual(["10.0.0.4 10.0.0.5 10.0.0.4 10.0.0.50", "10.0.0.5 10.0.0.4 10.0.0.50 10.0.0.4"]);
  });

  it("a format of one's own: its fields in its order, in the version of the newest", () => {
    const logFormat = formatOf(
      "version",
      "flow-direction",
      "traffic-path",
      "tcp-flags",
      "az-id",
      "vpc-id",
      "pkt-dstaddr",
      "type",
      "instance-id",
    );
    const out = (destination: string) =>
      flow({ source: "10.0.0.5", destination, sent: { accepted: some(1), rejected: none } });
    expect(
      said([flow({ received: { accepted: some(1), rejected: none } })], { logFormat }),
    ).toEqual(["5 ingress - 3 euw1-az3 vpc-1 10.0.0.5 IPv4 -"]);
    const paths = ["10.0.9.9", "10.1.0.9", "198.51.100.1"].map(
      (to) => said([out(to)], { logFormat: formatOf("traffic-path") })[0],
    );
    expect(paths).toEqual(["1", "4", "8"]);
  });

  it("a task's interface: what the task is", () => {
    const task = aTask();
    const logFormat = formatOf("version", "ecs-cluster-name", "ecs-task-id", "ecs-service-name");
    const lines = flowRecords(
      { logFormat, trafficType: "ALL" },
      { ...of, task },
      { flows: [], isWhole: true },
      window,
    );
    const service = task.serviceArn?.split("/").at(-1) ?? "-";
    expect(lines).toEqual([`7 ${task.clusterArn.split("/").at(-1)} ${task.id} ${service}`]);
  });
});
