import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aNetwork, vpcIds } from "../../../test/builders/networks.ts";
import { endpointDnsNames } from "../../model/endpoint-services.ts";
import { type NameRecords, vpcName } from "./vpc-names.ts";

const [network] = fc.sample(aNetwork, { seed: 1, numRuns: 1 });
if (!network) throw new Error("no network");
const [vpcId, other] = vpcIds;
const [first, second] = network.networkInterfaces;
if (!first || !second) throw new Error("interfaces");

const home = "ec2.internal";
const publicHome = "compute-1.amazonaws.com";
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
  });

  it("an API name without one: where the engine answers for AWS; of an API that it has not: forwarded", () => {
    const ofAws = [expect.stringMatching(/^203\.0\.113\.\d+$/)];
    for (const host of ["api.ecr.us-east-1", "logs.us-east-1", "ssm.eu-west-1", "iam"]) {
      expect(resolve(`${host}.amazonaws.com`, other)).toEqual(ofAws);
    }
    expect(resolve("logs.us-east-1.amazonaws.com", other, "AAAA")).toEqual([]);
    for (const host of ["polly.us-east-1", "b.s3.us-east-1", "x.dkr.ecr.us-east-1", "dynamodb"]) {
      expect(resolve(`${host}.amazonaws.com`)).toBe("forward");
    }
  });

  it("an endpoint's own names: its interfaces, all or those of a zone, wherever they are asked for", () => {
    const [endpoint] = records.vpcEndpoints;
    if (endpoint?.type !== "interface") throw new Error("no endpoint");
    const [regional = "", zonal = ""] = endpointDnsNames(endpoint, ["us-east-1a"]);
    expect(regional).toMatch(/^vpce-1-\w+\.api\.ecr\.us-east-1\.vpce\.amazonaws\.com$/);
    expect(resolve(regional)).toEqual([second.privateIp]);
    expect(resolve(zonal, other)).toEqual([second.privateIp]);
    expect(resolve(zonal.replace("1a", "1b"))).toBe("no-such-name");
    expect(resolve(regional.replace("vpce-1-", "vpce-2-"))).toBe("no-such-name");
  });

  it("names of addresses: for those of the VPC's blocks, once it gives names to hosts", () => {
    const named = (enableDnsHostnames: boolean): NameRecords => ({
      ...records,
      vpcs: records.vpcs.map((vpc) => ({ ...vpc, enableDnsHostnames })),
    });
    const ask = (of: NameRecords, name: string, type = "PTR") =>
      vpcName(of, vpcId, { name: `${name}.in-addr.arpa`, type });
    const target = `ip-10-0-1-23.${home}`;
    const records_ = [{ type: "PTR", ttl: 60, target }];
    expect(ask(named(true), "23.1.0.10")).toEqual({ type: "records", records: records_ });
    expect(ask(named(true), "23.1.0.10", "A")).toEqual({ type: "records", records: [] });
    expect(ask(named(false), "23.1.0.10").type).toBe("forward");
    for (const foreign of ["23.1.9.10", "1.113.0.203", "0.10", "x.1.0.10"]) {
      expect(ask(named(true), foreign).type).toBe("forward");
    }
  });

  it("a public name: the private address inside its VPC and where a peering resolves it, else the public one", () => {
    const side = (id: string, allowDnsResolutionFromRemoteVpc: boolean) => ({
      account: "000000000000",
      region: "us-east-1",
      vpcId: id,
      allowDnsResolutionFromRemoteVpc,
    });
    const peered = (resolves: boolean, enableDnsHostnames = true): NameRecords => ({
      ...records,
      vpcs: records.vpcs.map((vpc) => ({ ...vpc, enableDnsHostnames })),
      vpcPeeringConnections: [
        {
          account: "000000000000",
          region: "us-east-1",
          tags: [],
          createdAt: 0,
          vpcPeeringConnectionId: "pcx-1",
          requester: side(other, false),
          accepter: side(vpcId, resolves),
          status: "active",
          statusMessage: "",
          endedAt: undefined,
        },
      ],
    });
    const ask = (of: NameRecords, from: string) =>
      vpcName(of, from, { name: `ec2-198-18-0-1.${publicHome}`, type: "A" });
    const address = (one: string) => ({
      type: "records",
      records: [{ type: "A", ttl: 60, address: one }],
    });
    expect(ask(peered(false), vpcId)).toEqual(address(first.privateIp));
    expect(ask(peered(false), other)).toEqual(address("198.18.0.1"));
    expect(ask(peered(true), other)).toEqual(address(first.privateIp));
    expect(ask(peered(true, false), vpcId).type).toBe("forward");
    expect(resolve(`ec2-198-18-0-9.${publicHome}`)).toBe("forward");
    expect(resolve(`db.${publicHome}`)).toBe("forward");
  });

  it("another type than A: the name exists and has none", () => {
    expect(resolve("web-1.us-east-1.elb.localhost", vpcId, "AAAA")).toEqual([]);
  });

  it("anything else: forwarded", () => {
    expect(resolve("example.com")).toBe("forward");
  });
});
