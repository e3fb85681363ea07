import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  GetAccessKeyLastUsedCommand,
  IAMClient,
  ListUsersCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { globalRegion } from "../model/scope.ts";
import { iamService } from "../services/iam/service.ts";
import { openStore } from "../state/store.ts";
import { roles } from "../state/tables/iam.ts";
import { createUseLog } from "./last-use.ts";
import type { Caller } from "./service.ts";
import { startTestGateway } from "./testing.ts";

describe("last use", () => {
  it("an access key: noted with service and region, again only after a quarter of an hour", async () => {
    await using cloud = await startTestGateway([iamService()]);
    const root = cloud.client(IAMClient);
    await root.send(new CreateUserCommand({ UserName: "ann" }));
    const { AccessKey } = await root.send(new CreateAccessKeyCommand({ UserName: "ann" }));
    const { AccessKeyId = "", SecretAccessKey = "" } = AccessKey ?? {};
    const lastUse = async () =>
      (await root.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }))).AccessKeyLastUsed;
    expect((await lastUse())?.LastUsedDate).toBeUndefined();
    const use = async (): Promise<void> => {
      const asAnn = new IAMClient({
        endpoint: cloud.url,
        region: "us-east-1",
        credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey },
        maxAttempts: 1,
        systemClockOffset: cloud.clock.wall() - Date.now(),
      });
      // Whether it is allowed does not matter.
      await asAnn.send(new ListUsersCommand({})).catch(() => undefined);
      asAnn.destroy();
    };
    const first = new Date(cloud.clock.now());
    await use();
    const expected = { LastUsedDate: first, Region: "us-east-1", ServiceName: "iam" };
    expect(await lastUse()).toEqual(expected);
    await cloud.clock.advance(14 * 60_000);
    await use();
    expect(await lastUse()).toEqual(expected);
    await cloud.clock.advance(60_000);
    await use();
    expect((await lastUse())?.LastUsedDate?.getTime()).toBe(first.getTime() + 15 * 60_000);
  });

  it("a session of a role: noted at the role; keys that were not issued here: nowhere", () => {
    const store = openStore(undefined);
    const scope = { account: "000000000000", region: globalRegion };
    const role = { ...scope, name: "task", attachedPolicyArns: [] };
    store.write((tx) => tx.table(roles).put(role as never));
    const uses = createUseLog(store);
    const use = { at: 5, region: "us-east-1", service: "ecs" };
    const note = (arn: string, accessKeyId: string): void =>
      uses.note({ arn, accessKeyId } as Caller, use);
    note("arn:aws:sts::000000000000:assumed-role/task/s", "ASIA");
    const seen: unknown[] = [];
    store.watch((changes) => seen.push(...changes));
    note("arn:aws:iam::000000000000:root", "test");
    expect(seen).toEqual([]);
    expect(store.read((tx) => tx.table(roles).get(scope, "task"))?.lastUse).toEqual(use);
  });
});
