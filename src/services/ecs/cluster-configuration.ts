/** What a cluster's configuration says of ECS Exec's sessions. Logging to S3 is refused by name. */
import type { ClusterConfiguration } from "@aws-sdk/client-ecs";
import type { Accepts } from "../../gateway/service.ts";
import type { Cluster, ExecuteCommandConfiguration } from "../../model/ecs.ts";
import { checkEnum } from "./checks.ts";
import { invalidParameter } from "./errors.ts";

export const acceptedConfiguration = {
  executeCommandConfiguration: {
    kmsKeyId: true,
    logging: true,
    logConfiguration: { cloudWatchLogGroupName: true, cloudWatchEncryptionEnabled: true },
  },
} satisfies Accepts<ClusterConfiguration>;

const longestGroupName = 512;

export function readConfiguration(
  input: ClusterConfiguration | undefined,
): Cluster["configuration"] {
  const exec = input?.executeCommandConfiguration;
  if (!exec) return undefined;
  const { logging = "DEFAULT", kmsKeyId, logConfiguration } = exec;
  checkEnum("logging", logging, ["NONE", "DEFAULT", "OVERRIDE"]);
  if (logging !== "OVERRIDE" && logConfiguration) {
    throw invalidParameter("logConfiguration can only be specified when logging is OVERRIDE.");
  }
  if (logging === "OVERRIDE" && !logConfiguration?.cloudWatchLogGroupName) {
    throw invalidParameter(
      "logConfiguration with a log group or a bucket must be specified when logging is OVERRIDE.",
    );
  }
  checkGroupName(logConfiguration?.cloudWatchLogGroupName);
  return {
    executeCommand: {
      logging: logging as ExecuteCommandConfiguration["logging"],
      kmsKeyId: kmsKeyId || undefined,
      log: logConfiguration && {
        groupName: logConfiguration.cloudWatchLogGroupName,
        mustBeEncrypted: logConfiguration.cloudWatchEncryptionEnabled ?? false,
      },
    },
  };
}

function checkGroupName(name: string | undefined): void {
  if (name === undefined) return;
  if (name.length <= longestGroupName && /^[\w.\-/#]+$/.test(name)) return;
  throw invalidParameter("cloudWatchLogGroupName is not the name of a log group.");
}
