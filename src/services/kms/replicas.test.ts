import {
  CancelKeyDeletionCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  KMSClient,
  ListKeyRotationsCommand,
  ListResourceTagsCommand,
  ReplicateKeyCommand,
  type ReplicateKeyCommandInput,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { startTestKms } from "./testing.ts";

const dayMs = 86_400_000;
const home = "ap-northeast-1";
const away = "eu-west-1";
const Plaintext = Buffer.from("hello");

/** A multi-Region key, with a replica in another region, and clients of both. */
async function startWithReplica(more: Partial<ReplicateKeyCommandInput> = {}) {
  const at = await startTestKms();
  const there = at.cloud.client(KMSClient, { region: away });
  const { KeyMetadata } = await at.kms.send(new CreateKeyCommand({ MultiRegion: true }));
  const KeyId = KeyMetadata?.KeyId ?? "";
  const replicate = (ReplicaRegion = away) =>
    at.kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion, ...more }));
  const made = await replicate();
  const describeAt = async (kms: KMSClient) =>
    (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;
  const dispose = () => at[Symbol.asyncDispose]();
  return { ...at, there, KeyId, made, replicate, describeAt, [Symbol.asyncDispose]: dispose };
}

const encrypt = async (kms: KMSClient, KeyId: string): Promise<Uint8Array | undefined> =>
  (await kms.send(new EncryptCommand({ KeyId, Plaintext }))).CiphertextBlob;

const arnIn = (region: string, KeyId: string): string =>
  `arn:aws:kms:${region}:000000000000:key/${KeyId}`;

describe("a multi-Region key", () => {
  it("replicated: both are shown with each other, each with tags and a policy of its own", async () => {
    const Tags = [{ TagKey: "a", TagValue: "1" }];
    await using at = await startWithReplica({ Description: "copy", Tags });
    const { KeyId } = at;
    expect(KeyId).toMatch(/^mrk-[0-9a-f]{32}$/);
    const PrimaryKey = { Arn: arnIn(home, KeyId), Region: home };
    const ReplicaKeys = [{ Arn: arnIn(away, KeyId), Region: away }];
    const shared = { MultiRegion: true, KeyState: "Enabled" };
    expect(await at.describeAt(at.kms)).toMatchObject({
      ...shared,
      Arn: PrimaryKey.Arn,
      MultiRegionConfiguration: { MultiRegionKeyType: "PRIMARY", PrimaryKey, ReplicaKeys },
    });
    const replica = {
      ...shared,
      Arn: arnIn(away, KeyId),
      Description: "copy",
      MultiRegionConfiguration: { MultiRegionKeyType: "REPLICA", PrimaryKey, ReplicaKeys },
    };
    expect(await at.describeAt(at.there)).toMatchObject(replica);
    expect(at.made).toMatchObject({ ReplicaKeyMetadata: replica, ReplicaTags: Tags });
    const tags = (kms: KMSClient) => kms.send(new ListResourceTagsCommand({ KeyId }));
    expect((await tags(at.there)).Tags).toEqual(Tags);
    expect((await tags(at.kms)).Tags).toEqual([]);
    const { Policy } = await at.there.send(new GetKeyPolicyCommand({ KeyId }));
    expect(Policy).toBe(at.made.ReplicaPolicy);
  });

  it("encrypted in one region: opened in the other, with the key named and without", async () => {
    await using at = await startWithReplica();
    const ciphertexts = [await encrypt(at.kms, at.KeyId), await encrypt(at.there, at.KeyId)];
    for (const CiphertextBlob of ciphertexts) {
      for (const [kms, region] of [
        [at.kms, home],
        [at.there, away],
      ] as const) {
        for (const KeyId of [undefined, at.KeyId]) {
          const opened = await kms.send(new DecryptCommand({ CiphertextBlob, KeyId }));
          expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe("hello");
          expect(opened.KeyId).toBe(arnIn(region, at.KeyId));
        }
      }
    }
  });

  it("rotated at the primary: the replica has the new material, too", async () => {
    await using at = await startWithReplica();
    const { KeyId } = at;
    await at.kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }));
    const status = await at.there.send(new GetKeyRotationStatusCommand({ KeyId }));
    expect(status).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 90 });
    await at.kms.send(new RotateKeyOnDemandCommand({ KeyId }));
    await at.cloud.clock.advance(91 * dayMs);
    const rotations = async (kms: KMSClient) =>
      (await kms.send(new ListKeyRotationsCommand({ KeyId }))).Rotations?.map(
        ({ KeyMaterialId, RotationType }) => [KeyMaterialId, RotationType],
      );
    await expect.poll(() => rotations(at.kms)).toHaveLength(2);
    expect(await rotations(at.there)).toEqual(await rotations(at.kms));
    for (const refused of [
      new EnableKeyRotationCommand({ KeyId }),
      new RotateKeyOnDemandCommand({ KeyId }),
    ]) {
      await expect(at.there.send(refused as EnableKeyRotationCommand)).rejects.toMatchObject({
        name: "UnsupportedOperationException",
      });
    }
  });

  it("the primary scheduled to go: it waits until its replicas are gone", async () => {
    await using at = await startWithReplica();
    const { KeyId } = at;
    const schedule = (kms: KMSClient) =>
      kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    const waiting = await schedule(at.kms);
    expect(waiting).toMatchObject({ KeyState: "PendingReplicaDeletion", PendingWindowInDays: 7 });
    expect(waiting.DeletionDate).toBeUndefined();
    expect(await at.describeAt(at.kms)).toMatchObject({
      Enabled: false,
      KeyState: "PendingReplicaDeletion",
      PendingDeletionWindowInDays: 7,
    });
    await expect(encrypt(at.kms, KeyId)).rejects.toMatchObject({
      name: "KMSInvalidStateException",
    });
    await encrypt(at.there, KeyId);
    await at.kms.send(new CancelKeyDeletionCommand({ KeyId }));
    expect(await at.describeAt(at.kms)).toMatchObject({ KeyState: "Disabled" });
    await schedule(at.kms);
    expect(await schedule(at.there)).toMatchObject({ KeyState: "PendingDeletion" });
    await at.cloud.clock.advance(7 * dayMs + 1000);
    await expect.poll(async () => (await at.describeAt(at.kms))?.KeyState).toBe("PendingDeletion");
    await at.cloud.clock.advance(7 * dayMs + 1000);
    await expect
      .poll(() =>
        at.describeAt(at.kms).then(
          () => "there",
          ({ name }) => name,
        ),
      )
      .toBe("NotFoundException");
  });

  it("another primary: it takes the rotation over", async () => {
    await using at = await startWithReplica();
    const { KeyId } = at;
    await at.kms.send(new EnableKeyRotationCommand({ KeyId }));
    await at.kms.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: away }));
    const typeAt = async (kms: KMSClient) =>
      (await at.describeAt(kms))?.MultiRegionConfiguration?.MultiRegionKeyType;
    expect([await typeAt(at.kms), await typeAt(at.there)]).toEqual(["REPLICA", "PRIMARY"]);
    const status = await at.there.send(new GetKeyRotationStatusCommand({ KeyId }));
    expect(status.KeyRotationEnabled).toBe(true);
    await expect(
      at.kms.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: home })),
    ).rejects.toMatchObject({ name: "UnsupportedOperationException" });
  });
});

describe("replicas that are refused", () => {
  it("a second one in a region, of a replica, of a disabled key, in no region", async () => {
    await using at = await startWithReplica();
    const { KeyId } = at;
    for (const region of [away, home]) {
      await expect(at.replicate(region)).rejects.toMatchObject({ name: "AlreadyExistsException" });
    }
    await expect(at.replicate("mars-1")).rejects.toMatchObject({ name: "ValidationException" });
    const ofReplica = new ReplicateKeyCommand({ KeyId, ReplicaRegion: "us-east-1" });
    await expect(at.there.send(ofReplica)).rejects.toMatchObject({
      name: "UnsupportedOperationException",
    });
    await at.kms.send(new DisableKeyCommand({ KeyId }));
    await expect(at.replicate("us-east-1")).rejects.toMatchObject({ name: "DisabledException" });
  });

  it("replicated with a policy that locks its account out: only where that is meant", async () => {
    const Policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: {
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::000000000000:root" },
        Action: "kms:Describe*",
        Resource: "*",
      },
    });
    const careless = startWithReplica({ Policy });
    await expect(careless).rejects.toMatchObject({ name: "MalformedPolicyDocumentException" });
    await using at = await startWithReplica({ Policy, BypassPolicyLockoutSafetyCheck: true });
    expect(at.made.ReplicaPolicy).toBe(Policy);
    expect(await at.describeAt(at.there)).toMatchObject({ Arn: arnIn(away, at.KeyId) });
    await expect(encrypt(at.there, at.KeyId)).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
  });

  it("a key of one region: neither replicated nor of use elsewhere", async () => {
    await using at = await startTestKms();
    const { KeyMetadata } = await at.kms.send(new CreateKeyCommand({}));
    const KeyId = KeyMetadata?.KeyId ?? "";
    await expect(
      at.kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: away })),
    ).rejects.toMatchObject({ name: "UnsupportedOperationException" });
    const CiphertextBlob = await encrypt(at.kms, KeyId);
    const there = at.cloud.client(KMSClient, { region: away });
    await expect(there.send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining("does not exist in this region"),
    });
  });
});
