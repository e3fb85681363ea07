import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  GetAccessKeyLastUsedCommand,
  ListAccessKeysCommand,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { accountOfAccessKeyId } from "../../model/access-key-id.ts";
import { findAccessKey, noteAccessKeyUse } from "../../state/iam-principals.ts";
import { refusalOf, startIam } from "./testing.ts";

const UserName = "ann";

async function startWithUser() {
  const at = await startIam();
  await at.iam.send(new CreateUserCommand({ UserName, Path: "/people/" }));
  return at;
}

describe("access keys", () => {
  it("two of a user: the secret once, the account in the id; a third: LimitExceeded", async () => {
    await using at = await startWithUser();
    const create = () => at.iam.send(new CreateAccessKeyCommand({ UserName }));
    const { AccessKey } = await create();
    expect(AccessKey).toMatchObject({
      UserName,
      Status: "Active",
      AccessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      SecretAccessKey: expect.stringMatching(/^[\w+/]{40}$/),
    });
    expect(accountOfAccessKeyId(AccessKey?.AccessKeyId ?? "")).toBe("000000000000");
    await create();
    expect(await refusalOf(create())).toBe(
      "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2",
    );
    const { AccessKeyMetadata } = await at.iam.send(new ListAccessKeysCommand({ UserName }));
    expect(AccessKeyMetadata).toHaveLength(2);
    expect(AccessKeyMetadata?.[0]).not.toHaveProperty("SecretAccessKey");
  });

  it("set inactive, used, deleted: told so each time", async () => {
    await using at = await startWithUser();
    const { AccessKey } = await at.iam.send(new CreateAccessKeyCommand({ UserName }));
    const AccessKeyId = AccessKey?.AccessKeyId ?? "";
    const lastUse = async () =>
      (await at.iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }))).AccessKeyLastUsed;
    expect(await lastUse()).toEqual({ ServiceName: "N/A", Region: "N/A" });
    const use = { at: at.cloud.clock.now(), region: "us-east-1", service: "ecs" };
    at.cloud.store.write((tx) => noteAccessKeyUse(tx, AccessKeyId, use));
    expect(await lastUse()).toMatchObject({ ServiceName: "ecs", Region: "us-east-1" });
    const update = (Status: "Inactive" | "Active") =>
      at.iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status }));
    await update("Inactive");
    const found = () => at.cloud.store.read((tx) => findAccessKey(tx, AccessKeyId));
    expect(found()).toMatchObject({ key: { isActive: false }, user: { name: UserName } });
    expect(await refusalOf(update("Off" as never))).toContain(
      "at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive, Expired]",
    );
    await at.iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
    expect(found()).toBeUndefined();
    expect(await refusalOf(update("Active"))).toBe(
      `NoSuchEntity: The Access Key with id ${AccessKeyId} cannot be found.`,
    );
  });

  it("of another user or account: not to be changed or seen", async () => {
    await using at = await startWithUser();
    await at.iam.send(new CreateUserCommand({ UserName: "bea" }));
    const { AccessKey } = await at.iam.send(new CreateAccessKeyCommand({ UserName }));
    const AccessKeyId = AccessKey?.AccessKeyId ?? "";
    const remove = new DeleteAccessKeyCommand({ UserName: "bea", AccessKeyId });
    expect(await refusalOf(at.iam.send(remove))).toContain("NoSuchEntity");
    const ofRoot = new DeleteAccessKeyCommand({ AccessKeyId });
    expect(await refusalOf(at.iam.send(ofRoot))).toContain("NoSuchEntity");
    const other = at.cloud.client(at.iam.constructor as never, { account: "111111111111" });
    const ask = new GetAccessKeyLastUsedCommand({ AccessKeyId });
    expect(await refusalOf((other as typeof at.iam).send(ask))).toContain("NoSuchEntity");
  });
});
