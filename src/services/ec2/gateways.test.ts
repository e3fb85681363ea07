import { describe, expect, it } from "vitest";
import { createNetworkInterface as makeInterface } from "../../state/network-interfaces.ts";
import { associateAddress, disassociateAddress } from "./address-associations.ts";
import {
  allocateAddress,
  describeAddresses,
  describeAddressesAttribute,
  releaseAddress,
} from "./addresses.ts";
import {
  attachInternetGateway,
  createInternetGateway,
  deleteInternetGateway,
  describeInternetGateways,
  detachInternetGateway,
} from "./internet-gateways.ts";
import { createNatGateway, deleteNatGateway, describeNatGateways } from "./nat-gateways.ts";
import { createNetworkInterface, describeNetworkInterfaces } from "./network-interfaces.ts";
import { createSubnet, deleteSubnet } from "./subnets.ts";
import { given, openRoom, refusal } from "./testing.ts";
import { createVpc } from "./vpcs.ts";

function roomWithSubnet() {
  const room = openRoom();
  const VpcId = given(room.call(createVpc, { CidrBlock: "10.0.0.0/16" }).Vpc?.VpcId);
  const made = room.call(createSubnet, { VpcId, CidrBlock: "10.0.1.0/24" });
  const SubnetId = given(made.Subnet?.SubnetId);
  const gateway = room.call(createInternetGateway, {}).InternetGateway;
  const InternetGatewayId = given(gateway?.InternetGatewayId);
  const attach = () => room.call(attachInternetGateway, { InternetGatewayId, VpcId });
  const detach = () => room.call(detachInternetGateway, { InternetGatewayId, VpcId });
  const address = () => given(room.call(allocateAddress, { Domain: "vpc" }).AllocationId);
  const nat = (AllocationId = address()) =>
    given(room.call(createNatGateway, { SubnetId, AllocationId }).NatGateway);
  return { room, VpcId, SubnetId, InternetGatewayId, attach, detach, address, nat };
}

describe("internet gateways", () => {
  it("attached: shown as available; detached: without an attachment", () => {
    const { room, VpcId, InternetGatewayId, attach, detach } = roomWithSubnet();
    const attachments = () =>
      room.call(describeInternetGateways, { InternetGatewayIds: [InternetGatewayId] })
        .InternetGateways?.[0]?.Attachments;
    attach();
    expect(attachments()).toEqual([{ VpcId, State: "available" }]);
    detach();
    expect(attachments()).toEqual([]);
  });

  it("attached twice, a second one to the VPC, detached when it is not: refused in AWS's words", () => {
    const { room, VpcId, InternetGatewayId, attach, detach } = roomWithSubnet();
    expect(refusal(detach)).toBe(
      `Gateway.NotAttached: resource ${InternetGatewayId} is not attached to network ${VpcId}`,
    );
    attach();
    expect(refusal(attach)).toBe(
      `Resource.AlreadyAssociated: resource ${InternetGatewayId} is already attached to network ${VpcId}`,
    );
    const second = room.call(createInternetGateway, {}).InternetGateway?.InternetGatewayId;
    expect(
      refusal(() => room.call(attachInternetGateway, { InternetGatewayId: second, VpcId })),
    ).toBe(`InvalidParameterValue: Network ${VpcId} already has an internet gateway attached`);
  });

  it("deleted while attached, detached while an address is mapped: DependencyViolation", () => {
    const { room, VpcId, InternetGatewayId, attach, detach, nat } = roomWithSubnet();
    attach();
    expect(refusal(() => room.call(deleteInternetGateway, { InternetGatewayId }))).toBe(
      `DependencyViolation: The internetGateway '${InternetGatewayId}' has dependencies and cannot be deleted.`,
    );
    const { NatGatewayId } = nat();
    expect(refusal(detach)).toBe(
      `DependencyViolation: Network ${VpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
    );
    room.call(deleteNatGateway, { NatGatewayId });
    detach();
    expect(room.call(deleteInternetGateway, { InternetGatewayId })).toEqual({});
  });
});

describe("NAT gateways", () => {
  it("created: available, with an interface of its own that has the Elastic IP", () => {
    const { room, SubnetId, attach, address, nat } = roomWithSubnet();
    attach();
    const AllocationId = address();
    const gateway = nat(AllocationId);
    const [shown] = gateway.NatGatewayAddresses ?? [];
    const [held] = room.call(describeAddresses, { AllocationIds: [AllocationId] }).Addresses ?? [];
    const [eni] =
      room.call(describeNetworkInterfaces, {
        Filters: [{ Name: "subnet-id", Values: [SubnetId] }],
      }).NetworkInterfaces ?? [];
    expect(gateway.State).toBe("available");
    expect(shown).toMatchObject({
      AllocationId,
      PublicIp: held?.PublicIp,
      PrivateIp: "10.0.1.4",
      NetworkInterfaceId: eni?.NetworkInterfaceId,
      AssociationId: held?.AssociationId,
    });
    expect(eni).toMatchObject({
      Description: `Interface for NAT Gateway ${gateway.NatGatewayId}`,
      InterfaceType: "nat_gateway",
      RequesterManaged: true,
      SourceDestCheck: false,
      Association: { PublicIp: held?.PublicIp, AllocationId },
    });
  });

  it("in a VPC without an internet gateway: fails with AWS's reason and holds nothing", () => {
    const { room, VpcId, SubnetId, address, nat } = roomWithSubnet();
    const AllocationId = address();
    expect(nat(AllocationId)).toMatchObject({
      State: "failed",
      FailureCode: "Gateway.NotAttached",
      FailureMessage: `Network ${VpcId} has no Internet gateway attached`,
    });
    expect(room.call(deleteSubnet, { SubnetId })).toEqual({});
    expect(room.call(releaseAddress, { AllocationId })).toEqual({});
  });

  it("an address released by itself and not by its id: refused, as those of VPCs are", () => {
    const { room, address } = roomWithSubnet();
    address();
    const PublicIp = given(room.call(describeAddresses, {}).Addresses?.[0]?.PublicIp);
    expect(refusal(() => room.call(releaseAddress, { PublicIp }))).toBe(
      "InvalidParameterValue: You must specify an allocation id when releasing a VPC elastic IP address",
    );
    expect(room.call(describeAddresses, {}).Addresses).toHaveLength(1);
  });

  it("deleted: shown as deleted for an hour, then not found; its address is free at once", () => {
    const { room, attach, address, nat } = roomWithSubnet();
    attach();
    const AllocationId = address();
    const NatGatewayId = given(nat(AllocationId).NatGatewayId);
    room.call(deleteNatGateway, { NatGatewayId });
    const describe = () =>
      room.call(describeNatGateways, { NatGatewayIds: [NatGatewayId] }).NatGateways?.[0];
    expect(room.call(releaseAddress, { AllocationId })).toEqual({});
    room.now += 60 * 60 * 1000;
    expect(describe()).toMatchObject({ State: "deleted", DeleteTime: new Date("2026-01-01") });
    room.now += 1;
    expect(refusal(describe)).toBe(
      `NatGatewayNotFound: The Nat Gateway ${NatGatewayId} was not found`,
    );
  });

  it("the same client token again: the same gateway; with another subnet: refused", () => {
    const { room, VpcId, SubnetId, attach, address } = roomWithSubnet();
    attach();
    const input = { SubnetId, AllocationId: address(), ClientToken: "once" };
    const first = room.call(createNatGateway, input).NatGateway?.NatGatewayId;
    expect(room.call(createNatGateway, input).NatGateway?.NatGatewayId).toBe(first);
    const other = room.call(createSubnet, { VpcId, CidrBlock: "10.0.2.0/24" }).Subnet?.SubnetId;
    expect(refusal(() => room.call(createNatGateway, { ...input, SubnetId: other }))).toContain(
      "IdempotentParameterMismatch",
    );
    expect(room.call(describeNatGateways, {}).NatGateways).toHaveLength(1);
  });

  it("an address in use, one that is not there, none at all: refused", () => {
    const { room, SubnetId, attach, address, nat } = roomWithSubnet();
    attach();
    const AllocationId = address();
    nat(AllocationId);
    expect(refusal(() => nat(AllocationId))).toBe(
      `Resource.AlreadyAssociated: Elastic IP address [${AllocationId}] is already associated`,
    );
    expect(refusal(() => nat("eipalloc-1"))).toBe(
      "InvalidAllocationID.NotFound: The allocation ID 'eipalloc-1' does not exist",
    );
    expect(refusal(() => room.call(createNatGateway, { SubnetId }))).toBe(
      "MissingParameter: The request must contain the parameter AllocationId",
    );
  });
});

describe("Elastic IPs", () => {
  it("associated with an interface: both show it; disassociated: neither does", () => {
    const { room, SubnetId, attach, address } = roomWithSubnet();
    attach();
    const AllocationId = address();
    const eni = room.call(createNetworkInterface, { SubnetId }).NetworkInterface;
    const NetworkInterfaceId = given(eni?.NetworkInterfaceId);
    const { AssociationId } = room.call(associateAddress, { AllocationId, NetworkInterfaceId });
    const shown = () =>
      room.call(describeNetworkInterfaces, { NetworkInterfaceIds: [NetworkInterfaceId] })
        .NetworkInterfaces?.[0]?.Association;
    expect(shown()).toMatchObject({ AllocationId, AssociationId, IpOwnerId: "000000000000" });
    expect(refusal(() => room.call(releaseAddress, { AllocationId }))).toContain(
      "InvalidIPAddress.InUse",
    );
    room.call(disassociateAddress, { AssociationId });
    expect(shown()).toBeUndefined();
    expect(refusal(() => room.call(disassociateAddress, { AssociationId }))).toBe(
      `InvalidAssociationID.NotFound: The association ID '${AssociationId}' does not exist`,
    );
  });

  it("moved to another interface: allowed unless reassociation is ruled out", () => {
    const { room, SubnetId, attach, address } = roomWithSubnet();
    attach();
    const AllocationId = address();
    const interfaceId = () =>
      given(room.call(createNetworkInterface, { SubnetId }).NetworkInterface?.NetworkInterfaceId);
    const [first, second] = [interfaceId(), interfaceId()];
    const associate = (NetworkInterfaceId: string, AllowReassociation: boolean) =>
      room.call(associateAddress, { AllocationId, NetworkInterfaceId, AllowReassociation });
    associate(first, true);
    expect(refusal(() => associate(second, false))).toContain("Resource.AlreadyAssociated");
    associate(second, true);
    const holders = room.call(describeNetworkInterfaces, {
      Filters: [{ Name: "association.allocation-id", Values: [AllocationId] }],
    }).NetworkInterfaces;
    expect(holders?.map((eni) => eni.NetworkInterfaceId)).toEqual([second]);
  });

  it("of a NAT gateway: not the caller's to take away", () => {
    const { room, attach, address, nat } = roomWithSubnet();
    attach();
    const AllocationId = address();
    const AssociationId = nat(AllocationId).NatGatewayAddresses?.[0]?.AssociationId;
    expect(refusal(() => room.call(disassociateAddress, { AssociationId }))).toBe(
      "AuthFailure: You do not have permission to access the specified resource.",
    );
  });

  it("asked for their reverse names: none have one, but the allocation must exist", () => {
    const { room, address } = roomWithSubnet();
    const ask = (id: string) =>
      room.call(describeAddressesAttribute, { AllocationIds: [id], Attribute: "domain-name" });
    expect(ask(address())).toEqual({ Addresses: [] });
    expect(refusal(() => ask("eipalloc-1"))).toContain("InvalidAllocationID.NotFound");
  });
});

describe("interfaces of others, by the filters with which Terraform waits for them", () => {
  it("a balancer's: found by owner and description; a task's: not among them", () => {
    const { room, SubnetId } = roomWithSubnet();
    const make = (description: string, owner: Parameters<typeof makeInterface>[2]["owner"]) =>
      room.act(({ tx, ids, scope, now }) =>
        makeInterface(tx, ids, {
          scope,
          subnetId: SubnetId,
          groupIds: [],
          description,
          owner,
          publicIp: "198.18.0.7",
          now,
        }),
      );
    const balancer = make("ELB app/web/1", { type: "load-balancer", loadBalancerArn: "arn" });
    const attachmentId = "7a1f";
    const task = make("arn:aws:ecs:r:a:attachment/7a1f", {
      type: "ecs-task",
      taskArn: "arn",
      attachmentId,
    });
    const find = (owner: string, description: string) =>
      room.call(describeNetworkInterfaces, {
        Filters: [
          { Name: "attachment.instance-owner-id", Values: [owner] },
          { Name: "description", Values: [description] },
        ],
      }).NetworkInterfaces ?? [];
    expect(find("amazon-elb", "ELB app/web/1").map((eni) => eni.NetworkInterfaceId)).toEqual([
      balancer.networkInterfaceId,
    ]);
    expect(find("amazon-aws", "ELB app/web/1")).toEqual([]);
    expect(find("*", "arn:aws:ecs:*")[0]).toMatchObject({
      NetworkInterfaceId: task.networkInterfaceId,
      RequesterManaged: false,
      Status: "in-use",
      Attachment: { DeviceIndex: 1, DeleteOnTermination: false, Status: "attached" },
      Association: { PublicIp: "198.18.0.7", IpOwnerId: "amazon" },
    });
  });
});
