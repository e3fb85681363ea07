import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aNetwork, vpcIds } from "../../../test/builders/networks.ts";
import { type NameRecords, vpcName } from "./vpc-names.ts";

const [network] = fc.sample(aNetwork, { seed: 1, numRuns: 1 });
if (!network) throw new Error("no network");
const [vpcId, other] = vpcIds;
const [first, second] = network.networkInterfaces;
if (!first || !second) throw new Error("interfaces");

const records: NameRecords = {
  ...network,
  networkInterfaces: [
    { ...first, publicIp: "198.18.0.1" },
    { ...second, owner: { type: "vpc-endpoint", vpcEndpointId: "vpce-1" } },
  ],
  vpcEndpoints: [
    {
      account: "000000000000",
      region: "us-east-1",
      tags: [],
      createdAt: 0,
      type: "interface",
      vpcEndpointId: "vpce-1",
      vpcId,
      serviceName: "com.amazonaws.us-east-1.ecr.api",
      policy: "",
      subnetIds: [],
      groupIds: [],
      networkInterfaceIds: [second.networkInterfaceId],
      privateDnsEnabled: true,
    },
  ],
  loadBalancers: [
    {
      dnsName: "Web-1.us-east-1.elb.localhost",
      vpcId,
      nodes: [
        {
          subnetId: first.subnetId,
          availabilityZone: "us-east-1a",
          networkInterfaceId: first.networkInterfaceId,
        },
      ],
    },
  ],
};

const resolve = (name: string, of: string = vpcId, type = "A") => {
  const answer = vpcName(records, of, { name, type });
  return answer.type === "records"
    ? answer.records.flatMap((one) => (one.type === "A" ? [one.address] : []))
    : answer.type;
};

describe("names of a VPC", () => {
  it("a balancer by both forms of its name: its addresses in the VPC; elsewhere its public ones", () => {
    for (const ending of ["localhost", "amazonaws.com"]) {
      expect(resolve(`web-1.us-east-1.elb.${ending}`)).toEqual([first.privateIp]);
      expect(resolve(`web-1.us-east-1.elb.${ending}`, other)).toEqual(["198.18.0.1"]);
      expect(resolve(`gone-1.us-east-1.elb.${ending}`)).toBe("no-such-name");
    }
  });

  it("private names: their address within the VPC's blocks, no such name outside them", () => {
    expect(resolve("ip-10-0-1-23.ec2.internal")).toEqual(["10.0.1.23"]);
    expect(resolve("ip-10-9-1-23.ec2.internal")).toBe("no-such-name");
    expect(resolve("db.ec2.internal")).toBe("no-such-name");
    expect(resolve("ip-10-0-1-23.eu-west-1.compute.internal")).toBe("forward");
  });

  it("an API name with an interface endpoint: its interfaces, in its VPC only", () => {
    expect(resolve("api.ecr.us-east-1.amazonaws.com")).toEqual([second.privateIp]);
    expect(resolve("api.ecr.us-east-1.amazonaws.com", other)).toBe("forward");
    expect(resolve("logs.us-east-1.amazonaws.com")).toBe("forward");
  });

  it("another type than A: the name exists and has none", () => {
    expect(resolve("web-1.us-east-1.elb.localhost", vpcId, "AAAA")).toEqual([]);
  });

  it("anything else: forwarded", () => {
    expect(resolve("example.com")).toBe("forward");
  });
});
