import { describe, expect, it } from "vitest";
import { nameServing, publicDnsName } from "./addresses.ts";

const vpc = {
  cidrBlocks: [{ associationId: "a", cidr: "10.3.0.0/16" }],
  enableDnsSupport: true,
};
const options = (configurations: Readonly<Record<string, readonly string[]>>) => ({
  configurations: Object.entries(configurations).map(([key, values]) => ({ key, values })),
});

describe("whom a task asks for names", () => {
  it("AmazonProvidedDNS: the VPC's base plus two, beside servers of one's own, in their order", () => {
    const both = options({
      "domain-name": ["corp.example"],
      "domain-name-servers": ["10.3.9.9", "AmazonProvidedDNS"],
    });
    expect(nameServing(vpc, both)).toEqual({
      servers: ["10.3.9.9", "10.3.0.2"],
      search: ["corp.example"],
    });
  });

  it("DNS support off: AWS's own is left out", () => {
    const own = options({ "domain-name-servers": ["AmazonProvidedDNS"] });
    expect(nameServing({ ...vpc, enableDnsSupport: false }, own).servers).toEqual([]);
  });

  it("no options: nobody; a domain of several names: each is tried", () => {
    expect(nameServing(vpc, undefined)).toEqual({ servers: [], search: [] });
    expect(nameServing(vpc, options({ "domain-name": ["a.example b.example"] })).search).toEqual([
      "a.example",
      "b.example",
    ]);
  });

  it("public names: N. Virginia's have a form of their own", () => {
    expect(publicDnsName("us-east-1", "198.18.0.7")).toBe("ec2-198-18-0-7.compute-1.amazonaws.com");
    expect(publicDnsName("eu-west-1", "198.18.0.7")).toBe(
      "ec2-198-18-0-7.eu-west-1.compute.amazonaws.com",
    );
  });
});
