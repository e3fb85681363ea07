/** What every network fabric does, whatever runs below. Called from each driver's own test. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GroupPlan, InterfacePlan, PacketRule, VpcPlan } from "../../model/vpc-plan.ts";
import type { NetworkFabric } from "./port.ts";

export type FabricHarness = {
  /** A started fabric with nothing in it. */
  make(): Promise<NetworkFabric>;
  /** Path of a new sandbox's namespace, in which TCP ports 80 and 81 listen on all addresses. */
  sandbox(name: string): Promise<string>;
  /** An address of the host, where TCP port `port` listens. */
  readonly outside: { readonly address: string; readonly port: number };
  /** Whether a new TCP connection from the interface gets through. */
  connects(
    fabric: NetworkFabric,
    vpcId: string,
    from: InterfacePlan,
    to: string,
    port: number,
  ): Promise<boolean>;
};

/** Random-looking ids, as links are named after them. */
const vpcIds = ["vpc-0a11aa11aa11aa11a", "vpc-0b22bb22bb22bb22b"] as const;

export const tcp = (port: number, peer: PacketRule["peer"]): PacketRule => ({
  protocol: "tcp",
  ports: { from: port, to: port },
  peer,
});
export const anyone: PacketRule["peer"] = { type: "cidr", cidr: "0.0.0.0/0" };
export const all: PacketRule = { protocol: "any", ports: undefined, peer: anyone };

/** An interface of the private subnet. */
export const wired = (
  id: string,
  address: string,
  netns: string,
  groupIds: readonly string[],
): InterfacePlan => ({
  interfaceId: `eni-${id}`,
  address,
  subnetId: "subnet-private",
  macAddress: `0a:${id.slice(0, 10).replace(/..(?=.)/g, "$&:")}`,
  groupIds,
  place: { type: "sandbox", netns },
  hasPublicAddress: false,
  secondaryAddresses: [],
  forwards: false,
});

/** A VPC of one CIDR with a private subnet 10.0.1.0/24 and a public one 10.0.2.0/24. */
export function vpcPlan(
  vpcId: string,
  groups: readonly Omit<GroupPlan, "members">[],
  interfaces: readonly InterfacePlan[],
  via: { readonly private?: "nat" | "blackhole"; readonly public?: "internet" } = {},
): VpcPlan {
  const routes = (out: "nat" | "internet" | "blackhole" | undefined) => [
    { destination: "10.0.0.0/16", via: "local" as const },
    ...(out ? [{ destination: "0.0.0.0/0", via: out }] : []),
  ];
  return {
    vpcId,
    cidrs: ["10.0.0.0/16"],
    subnets: [
      {
        subnetId: "subnet-private",
        cidr: "10.0.1.0/24",
        routes: routes(via.private),
        aclId: undefined,
      },
      {
        subnetId: "subnet-public",
        cidr: "10.0.2.0/24",
        routes: routes(via.public),
        aclId: undefined,
      },
    ],
    groups: groups.map((group) => ({
      ...group,
      members: interfaces
        .filter((one) => one.groupIds.includes(group.groupId))
        .flatMap((one) => [one.address, ...one.secondaryAddresses.map(({ address }) => address)]),
    })),
    interfaces,
    acls: [],
    peerings: [],
    countsFlows: false,
    dnsAddresses: [],
  };
}

export function describeFabric(name: string, harness: FabricHarness): void {
  describe(`${name}: a network fabric`, () => {
    const [vpc, other] = vpcIds;
    let fabric: NetworkFabric;
    let client: InterfacePlan;
    let server: InterfacePlan;
    let stranger: InterfacePlan;
    let public_: InterfacePlan;
    let twin: InterfacePlan;
    const groups = [
      { groupId: "sg-0c", ingress: [], egress: [all] },
      { groupId: "sg-05", ingress: [tcp(80, { type: "group", groupId: "sg-0c" })], egress: [all] },
    ];
    const everyone = (): readonly InterfacePlan[] => [client, server, stranger, public_];
    const connects = (from: InterfacePlan, to: string, port: number, vpcId: string = vpc) =>
      harness.connects(fabric, vpcId, from, to, port);
    /** A busy machine may take longer than one try waits. */
    const reaches = async (from: InterfacePlan, to: string, port: number) => {
      for (let tries = 1; tries < 6; tries++) if (await connects(from, to, port)) return true;
      return connects(from, to, port);
    };
    const out = (from: InterfacePlan, attempt = connects) =>
      attempt(from, harness.outside.address, harness.outside.port);

    beforeAll(async () => {
      fabric = await harness.make();
      const at = (sandbox: string) => harness.sandbox(sandbox);
      client = wired("c00000000001", "10.0.1.11", await at("client"), ["sg-0c"]);
      server = wired("c00000000002", "10.0.1.12", await at("server"), ["sg-05"]);
      stranger = wired("c00000000003", "10.0.1.13", await at("stranger"), ["sg-05"]);
      public_ = {
        ...wired("c00000000004", "10.0.2.14", await at("public"), ["sg-0c"]),
        subnetId: "subnet-public",
        hasPublicAddress: true,
      };
      twin = wired("d00000000002", "10.0.1.12", await at("twin"), ["sg-05"]);
    });
    afterAll(() => fabric.stop({ removeAll: true }));

    it("a rule that names a group: lets its members in, on its port only", async () => {
      await fabric.apply(vpcPlan(vpc, groups, everyone()));
      expect(await reaches(client, server.address, 80)).toBe(true);
      expect(await connects(client, server.address, 81)).toBe(false);
      expect(await connects(stranger, server.address, 80)).toBe(false);
    });

    it("the same plan again: nothing changes", async () => {
      await fabric.apply(vpcPlan(vpc, groups, everyone()));
      expect(await reaches(client, server.address, 80)).toBe(true);
    });

    it("egress without a rule: nothing leaves, though the receiver would let it in", async () => {
      const [callers, servers] = groups;
      if (!callers || !servers) throw new Error("two groups");
      await fabric.apply(vpcPlan(vpc, [{ ...callers, egress: [] }, servers], everyone()));
      expect(await connects(client, server.address, 80)).toBe(false);
      await fabric.apply(vpcPlan(vpc, groups, everyone()));
      expect(await reaches(client, server.address, 80)).toBe(true);
    });

    it("a group taken from an interface: closes; given again: opens", async () => {
      const without = { ...client, groupIds: ["sg-05"] };
      await fabric.apply(vpcPlan(vpc, groups, [without, server, stranger, public_]));
      expect(await connects(client, server.address, 80)).toBe(false);
      await fabric.apply(vpcPlan(vpc, groups, everyone()));
      expect(await reaches(client, server.address, 80)).toBe(true);
    });

    it("routes: out by NAT for all of a subnet, by the internet gateway with a public address only", async () => {
      expect([await out(client), await out(public_)]).toEqual([false, false]);
      await fabric.apply(vpcPlan(vpc, groups, everyone(), { private: "nat", public: "internet" }));
      expect([await out(client, reaches), await out(public_, reaches)]).toEqual([true, true]);
      const withdrawn = { ...public_, hasPublicAddress: false };
      await fabric.apply(
        vpcPlan(vpc, groups, [client, server, stranger, withdrawn], {
          private: "blackhole",
          public: "internet",
        }),
      );
      expect([await out(client), await out(public_)]).toEqual([false, false]);
      expect(await reaches(client, server.address, 80)).toBe(true);
    });

    it("a second VPC with the same addresses: its own network", async () => {
      await fabric.apply(vpcPlan(other, groups, [twin], { private: "nat" }));
      expect((await fabric.inventory()).toSorted()).toEqual([...vpcIds]);
      expect(await reaches(client, server.address, 80)).toBe(true);
      // Nobody has this address there, but somebody has it here.
      expect(await connects(twin, client.address, 80, other)).toBe(false);
    });

    it("a secondary address: reached as the first, moved to another interface, and given back", async () => {
      const secondaryAddresses = [{ address: "10.0.1.112", isPublic: false }];
      const openFor = (interfaces: readonly InterfacePlan[]) =>
        fabric.apply(vpcPlan(vpc, groups, interfaces, { private: "nat" }));
      await openFor([client, { ...server, secondaryAddresses }, stranger, public_]);
      expect(await reaches(client, "10.0.1.112", 80)).toBe(true);
      expect(await connects(stranger, "10.0.1.112", 80)).toBe(false);
      expect(await reaches(client, server.address, 80)).toBe(true);
      await openFor([client, server, { ...stranger, secondaryAddresses }, public_]);
      expect(await reaches(client, "10.0.1.112", 80)).toBe(true);
      await openFor(everyone());
      expect(await connects(client, "10.0.1.112", 80)).toBe(false);
      expect(await reaches(client, server.address, 80)).toBe(true);
    });

    it("an interface no longer planned: is not reached", async () => {
      await fabric.apply(vpcPlan(vpc, groups, [client, stranger, public_]));
      expect(await connects(client, server.address, 80)).toBe(false);
    });

    it("a VPC removed: gone from the inventory, and removing it again is no error", async () => {
      await fabric.removeVpc(other);
      await fabric.removeVpc(other);
      expect(await fabric.inventory()).toEqual([vpc]);
    });
  });
}
