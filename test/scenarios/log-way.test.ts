/** Lines of a running task go by its own network: a route that goes stops them, and brings them back. */
import { expect, it } from "vitest";
import { openEngineAccount, region } from "./support/engine-account.ts";

it("the route to the internet goes and comes back: blocking containers stall, others lose what the buffer does not hold", async () => {
  await using cloud = await openEngineAccount();
  const executionRoleArn = await cloud.executionRole("execution");
  await cloud.logs.createLogGroup({ logGroupName: "/app" });
  const container = (name: string, options: Record<string, string>) => ({
    ...{ name, image: "nginx" },
    environment: [{ name: "NEARGATE_SIM", value: "log:one;log:two@20m;log:four@30m;log:five@90m" }],
    logConfiguration: {
      logDriver: "awslogs" as const,
      options: {
        "awslogs-group": "/app",
        "awslogs-region": region,
        "awslogs-stream-prefix": "t",
        ...options,
      },
    },
  });
  const containerDefinitions = [
    container("waits", { mode: "blocking" }),
    container("loses", { mode: "non-blocking", "max-buffer-size": "4" }),
  ];
  await cloud.register({}, { executionRoleArn, containerDefinitions });
  const { taskArn = "" } = await cloud.run();
  const lines = async (name: string) => {
    const logStreamName = `t/${name}/${taskArn.split("/").at(-1)}`;
    const { events } = await cloud.logs.getLogEvents({
      ...{ logGroupName: "/app", logStreamName, startFromHead: true },
    });
    return events?.map(({ message }) => message);
  };
  /** The store is another thread's, which the engine's clock does not wait for. */
  const expectLines = async (name: string, expected: string[]): Promise<void> => {
    const after = async () => {
      await cloud.engine.advance(100);
      return lines(name);
    };
    await expect.poll(after, { timeout: 20_000 }).toEqual(expected);
  };
  await expectLines("waits", ["one"]);
  await expectLines("loses", ["one"]);
  const { RouteTables } = await cloud.ec2.describeRouteTables({});
  const table = RouteTables?.[0];
  const out = { RouteTableId: table?.RouteTableId, DestinationCidrBlock: "0.0.0.0/0" };
  const GatewayId = table?.Routes?.find((one) => one.GatewayId?.startsWith("igw-"))?.GatewayId;
  await cloud.ec2.deleteRoute(out);
  await cloud.engine.advance(40 * 60_000);
  await expectLines("waits", ["one"]);
  await expectLines("loses", ["one"]);
  expect((await cloud.describe(taskArn)).lastStatus).toBe("RUNNING");
  await cloud.ec2.createRoute({ ...out, GatewayId });
  await expectLines("waits", ["one", "two", "four"]);
  await expectLines("loses", ["one", "two"]);
  await cloud.engine.advance(60 * 60_000);
  await expectLines("waits", ["one", "two", "four", "five"]);
  await expectLines("loses", ["one", "two", "five"]);
}, 60_000);
