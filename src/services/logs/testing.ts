/** A gateway with CloudWatch Logs alone, events in memory, and short ways to write and to search. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { memoryLogStore } from "../../dataplane/logs/memory-store.ts";
import { logEvaluators } from "../../engine/log-evaluation.ts";
import { startTestGateway } from "../../gateway/testing.ts";
import { manualClock } from "../../seams/clock.ts";
import { logsService } from "./service.ts";

export const day = 86_400_000;
export const group = { logGroupName: "/ecs/app" };
export const stream = { ...group, logStreamName: "web/app/1" };

export async function start() {
  const store = memoryLogStore(logEvaluators);
  const clock = manualClock();
  const cloud = await startTestGateway([logsService({ logs: store, clock })], { clock });
  const logs = cloud.client(CloudWatchLogsClient);
  const put = (...messages: string[]) =>
    logs.send(
      new PutLogEventsCommand({
        ...stream,
        logEvents: messages.map((message, at) => ({ message, timestamp: cloud.clock.now() + at })),
      }),
    );
  const filter = (input: Partial<FilterLogEventsCommandInput>) =>
    logs.send(new FilterLogEventsCommand({ ...group, ...input }));
  return { cloud, logs, put, filter, store, [Symbol.asyncDispose]: () => cloud.close() };
}

export async function startWithStream() {
  const started = await start();
  await started.logs.send(new CreateLogGroupCommand(group));
  await started.logs.send(new CreateLogStreamCommand(stream));
  return started;
}
