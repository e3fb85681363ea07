/** Where the output of an ECS Exec session is kept, by the cluster's configuration. */
import type { Cluster, ContainerDefinition, Task } from "../../model/ecs.ts";
import type { Scope } from "../../model/scope.ts";
import { logSinkOf } from "../log-sink.ts";

export type SessionLogSink = {
  readonly scope: Scope;
  readonly group: string;
  readonly stream: string;
  /** The session must not begin while the group is not encrypted. */
  readonly mustBeEncrypted: boolean;
};

/** Undefined when it is kept nowhere. */
export function sessionLogSink(
  configuration: Cluster["configuration"],
  task: Pick<Task, "account" | "region" | "id">,
  container: Pick<ContainerDefinition, "name" | "logConfiguration">,
  sessionId: string,
): SessionLogSink | undefined {
  const { logging = "DEFAULT", log } = configuration?.executeCommand ?? {};
  switch (logging) {
    case "NONE":
      return undefined;
    case "DEFAULT": {
      const sink = logSinkOf(task, container);
      return sink && { ...sink, mustBeEncrypted: false };
    }
    case "OVERRIDE": {
      const { account, region } = task;
      if (log?.groupName === undefined) return undefined;
      return {
        scope: { account, region },
        group: log.groupName,
        stream: sessionId,
        mustBeEncrypted: log.mustBeEncrypted,
      };
    }
  }
}
