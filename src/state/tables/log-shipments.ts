/** Which containers' lines are brought to a log stream; how far, the log store knows. */
import type { Scope } from "../../model/scope.ts";
import { defineTable } from "../table.ts";

export type LogShipment = Scope & {
  readonly taskArn: string;
  readonly container: string;
  /** The container has ended and all it wrote is in the log store. */
  readonly drained: boolean;
  /** How often the container had been started again by then. */
  readonly restarts?: number | undefined;
};

export const logShipments = defineTable<LogShipment, "task">({
  name: "log-shipments",
  key: (shipment) => logShipmentKey(shipment.taskArn, shipment.container),
  indexes: { task: (shipment) => [shipment.taskArn] },
});

export const logShipmentKey = (taskArn: string, container: string): string =>
  `${taskArn}|${container}`;
