/**
 * The VPC network as the network loop drives it: one whole picture a VPC, made true by the driver.
 *
 * The driver keeps what it last made, computes the difference and applies it in one batch; a fresh
 * driver reads back what the host has. `apply` resolves when the host agrees.
 */
import type { FlowCounts } from "../../model/flow-count.ts";
import type { VpcPlan } from "../../model/vpc-plan.ts";
import { DriverError } from "../errors.ts";

/** The link between a VPC and the host, a /30 of the engine's range. */
export type Uplink = {
  /** The link's name on the host. */
  readonly link: string;
  /** The host's end, where services for the VPC (its DNS) listen. */
  readonly hostAddress: string;
  /** What the VPC's traffic carries when it arrives at the host. */
  readonly vpcAddress: string;
};

/** All of the plan was applied but for these interfaces, which could not be made. */
export class UnwiredError extends DriverError {
  readonly interfaceIds: readonly string[];
  constructor(interfaceIds: readonly string[], message: string) {
    super("unavailable", message);
    this.name = "UnwiredError";
    this.interfaceIds = interfaceIds;
  }
}

export type NetworkFabric = {
  readonly kind: "linux" | "simulated";
  /** Checks rights and tools, sweeps leftovers of this engine that nothing adopts. Throws `PrerequisiteError`. */
  start(): Promise<void>;
  /** `removeAll` takes every namespace, link and rule of this engine off the host. */
  stop(options: { removeAll: boolean }): Promise<void>;
  /**
   * An interface whose sandbox is gone is left out; that is no error. One that cannot be made keeps no
   * other back: `UnwiredError`. Throws `DriverError` when more than that went wrong.
   */
  apply(plan: VpcPlan): Promise<void>;
  removeVpc(vpcId: string): Promise<void>;
  /** VPCs that the host has, for finding those the state no longer knows. */
  inventory(): Promise<readonly string[]>;
  /** Undefined while the VPC has not been applied, and always where there is no host. */
  uplinkOf(vpcId: string): Uplink | undefined;
  /** What passed since the last call, and what did not; nothing of a VPC whose plan counts no flows. */
  takeFlows(vpcId: string): Promise<FlowCounts>;
};
