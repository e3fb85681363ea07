/**
 * The commands of ECS Exec sessions that have been started in containers. A record is written before
 * the start and deleted after the end, so what a killed engine left behind is known to the next one.
 */
import type { Scope } from "../../model/scope.ts";
import { defineTable } from "../table.ts";

export type ExecProcess = Scope & {
  readonly sessionId: string;
  readonly taskArn: string;
  /** What the container runtime calls it. */
  readonly execId: string;
};

export const execProcesses = defineTable<ExecProcess>({
  name: "exec-processes",
  key: ({ sessionId }) => sessionId,
  indexes: {},
});
