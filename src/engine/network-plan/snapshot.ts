/** The records that a VPC's plan is made of. */
import type {
  NetworkInterface,
  SecurityGroup,
  Subnet,
  Vpc,
  VpcPeeringConnection,
} from "../../model/network.ts";
import type { InterfacePlace } from "../../model/vpc-plan.ts";
import type { NetworkRecords } from "../network-path/records.ts";

/** Records of one VPC; an internet gateway counts when it is attached to it. */
export type VpcSnapshot = Omit<NetworkRecords, "vpcs" | "subnets"> & {
  readonly vpc: Vpc;
  readonly subnets: readonly Subnet[];
  /** Undefined for an interface that only reserves its address. */
  readonly placeOf: (networkInterface: NetworkInterface) => InterfacePlace | undefined;
  /** Whether a flow log is about it, or about a part of it. */
  readonly isLogged: boolean;
  /** The other ends of its active peering connections. */
  readonly peers: readonly PeerVpc[];
};

export type PeerVpc = {
  readonly connection: VpcPeeringConnection;
  readonly vpcId: string;
  readonly securityGroups: readonly SecurityGroup[];
  readonly networkInterfaces: readonly NetworkInterface[];
  /** Whether any of its interfaces is wired, without which there is nobody to reach. */
  readonly isWired: boolean;
};
