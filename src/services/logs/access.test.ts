/** How policies name log groups and streams: in all the forms that are written for AWS. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { memoryLogStore } from "../../dataplane/logs/memory-store.ts";
import { logEvaluators } from "../../engine/log-evaluation.ts";
import { startTestGateway } from "../../gateway/testing.ts";
import { manualClock, realClock } from "../../seams/clock.ts";
import { iamService } from "../iam/service.ts";
import { logsService } from "./service.ts";

const groups = "arn:aws:logs:ap-northeast-1:000000000000:log-group:";
const group = { logGroupName: "/ecs/app" };
const own = { ...group, logStreamName: "own" };
const other = { ...group, logStreamName: "other" };

/** A user who may do everything to one resource. */
async function startWithUser() {
  // Signatures are of the time that their client has.
  const clock = manualClock(realClock().wall());
  const cloud = await startTestGateway(
    [logsService({ logs: memoryLogStore(logEvaluators), clock }), iamService()],
    { clock },
  );
  const iam = cloud.client(IAMClient);
  const UserName = "writer";
  await iam.send(new CreateUserCommand({ UserName }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const root = cloud.client(CloudWatchLogsClient);
  await root.send(new CreateLogGroupCommand(group));
  await root.send(new CreateLogStreamCommand(own));
  await root.send(new CreateLogStreamCommand(other));
  const logs = cloud.client(
    CloudWatchLogsClient,
    {},
    {
      accessKeyId: AccessKey?.AccessKeyId ?? "",
      secretAccessKey: AccessKey?.SecretAccessKey ?? "",
    },
  );
  const logEvents = [{ timestamp: cloud.clock.now(), message: "x" }];
  return {
    logs,
    allow: (Resource: string) =>
      iam.send(
        new PutUserPolicyCommand({
          UserName,
          PolicyName: "p",
          PolicyDocument: JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Action: "logs:*", Resource }],
          }),
        }),
      ),
    put: (stream: typeof own) => logs.send(new PutLogEventsCommand({ ...stream, logEvents })),
    get: (stream: typeof own) => logs.send(new GetLogEventsCommand(stream)),
    filter: () => logs.send(new FilterLogEventsCommand(group)),
    [Symbol.asyncDispose]: () => cloud.close(),
  };
}

const refused = (resource: string) => ({
  name: "AccessDeniedException",
  message: expect.stringContaining(` on resource: ${groups}${resource} because `),
});

describe("what policies say of log groups", () => {
  it.each(["/ecs/app:*", "/ecs/app:log-stream:*", "/ecs/*", "*", "*:*"])(
    "%s: the group and its streams",
    async (resource) => {
      await using at = await startWithUser();
      await at.allow(`${groups}${resource}`);
      await at.put(own);
      await at.get(other);
      await at.filter();
      await at.logs.send(new CreateLogStreamCommand({ ...group, logStreamName: "new" }));
      await at.logs.send(new DescribeLogStreamsCommand(group));
      await at.logs.send(new PutRetentionPolicyCommand({ ...group, retentionInDays: 1 }));
    },
  );

  it("one stream: that one, neither another nor the group", async () => {
    await using at = await startWithUser();
    await at.allow(`${groups}/ecs/app:log-stream:own`);
    await at.put(own);
    await at.get(own);
    await expect(at.put(other)).rejects.toMatchObject(refused("/ecs/app:log-stream:other"));
    await expect(at.get(other)).rejects.toMatchObject(refused("/ecs/app:log-stream:other"));
    await expect(at.filter()).rejects.toMatchObject(refused("/ecs/app:log-stream:"));
  });

  it("a group without :*, or another: refused", async () => {
    await using at = await startWithUser();
    for (const resource of ["/ecs/app", "/ecs/ap:*"]) {
      await at.allow(`${groups}${resource}`);
      await expect(at.put(own)).rejects.toMatchObject(refused("/ecs/app:log-stream:own"));
      await expect(at.filter()).rejects.toMatchObject(refused("/ecs/app:log-stream:"));
    }
  });

  it("groups listed: only by who may see all, even with a prefix", async () => {
    await using at = await startWithUser();
    const list = () =>
      at.logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/ecs/app" }));
    await at.allow(`${groups}/ecs/app:*`);
    await expect(list()).rejects.toMatchObject(refused(":log-stream:"));
    for (const resource of ["*", ":log-stream:*"]) {
      await at.allow(`${groups}${resource}`);
      expect((await list()).logGroups).toHaveLength(1);
    }
  });
});
