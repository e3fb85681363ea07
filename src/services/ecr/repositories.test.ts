import {
  CreateRepositoryCommand,
  DeleteLifecyclePolicyCommand,
  DeleteRepositoryCommand,
  DeleteRepositoryPolicyCommand,
  DescribeRepositoriesCommand,
  type ECRClient,
  GetAuthorizationTokenCommand,
  GetLifecyclePolicyCommand,
  GetRepositoryPolicyCommand,
  ListTagsForResourceCommand,
  PutImageScanningConfigurationCommand,
  PutImageTagMutabilityCommand,
  PutLifecyclePolicyCommand,
  SetRepositoryPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-ecr";
import { describe, expect, it } from "vitest";
import { startTestRegistry } from "./testing.ts";

const account = "000000000000";
const create = (ecr: ECRClient, repositoryName: string) =>
  ecr.send(new CreateRepositoryCommand({ repositoryName }));

describe("repositories", () => {
  it("created with defaults: AWS's values, and a URI that docker reaches", async () => {
    await using registry = await startTestRegistry();
    const { repository } = await create(registry.ecr, "team/app");
    expect(repository).toEqual({
      repositoryArn: `arn:aws:ecr:ap-northeast-1:${account}:repository/team/app`,
      registryId: account,
      repositoryName: "team/app",
      repositoryUri: `localhost:${registry.cloud.port}/${account}/ap-northeast-1/team/app`,
      createdAt: new Date(registry.cloud.clock.now()),
      imageTagMutability: "MUTABLE",
      imageScanningConfiguration: { scanOnPush: false },
      encryptionConfiguration: { encryptionType: "AES256" },
    });
    const described = await registry.ecr.send(
      new DescribeRepositoriesCommand({ repositoryNames: ["team/app"] }),
    );
    expect(described.repositories).toEqual([repository]);
  });

  it("created twice: RepositoryAlreadyExistsException", async () => {
    await using registry = await startTestRegistry();
    await create(registry.ecr, "app");
    await expect(create(registry.ecr, "app")).rejects.toMatchObject({
      name: "RepositoryAlreadyExistsException",
      message: `The repository with name 'app' already exists in the registry with id '${account}'`,
    });
  });

  it.each(["A", "Upper", "a//b", "-a", "a".repeat(257)])("the name %j: refused", async (name) => {
    await using registry = await startTestRegistry();
    await expect(create(registry.ecr, name)).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
    const all = await registry.ecr.send(new DescribeRepositoriesCommand({}));
    expect(all.repositories).toEqual([]);
  });

  it("an unknown one described: RepositoryNotFoundException", async () => {
    await using registry = await startTestRegistry();
    const ask = new DescribeRepositoriesCommand({ repositoryNames: ["nope"] });
    await expect(registry.ecr.send(ask)).rejects.toMatchObject({
      name: "RepositoryNotFoundException",
      message: `The repository with name 'nope' does not exist in the registry with id '${account}'`,
    });
  });

  it("more than a page: given out by name, page by page", async () => {
    await using registry = await startTestRegistry();
    for (const name of ["cc", "aa", "bb"]) await create(registry.ecr, name);
    const names: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await registry.ecr.send(
        new DescribeRepositoriesCommand({ maxResults: 2, nextToken }),
      );
      names.push(...(page.repositories ?? []).map((one) => one.repositoryName));
      nextToken = page.nextToken;
    } while (nextToken);
    expect(names).toEqual(["aa", "bb", "cc"]);
  });

  it("deleted with images in it: only by force", async () => {
    await using registry = await startTestRegistry();
    await create(registry.ecr, "app");
    await registry.push("app", "v1", "layer");
    await expect(
      registry.ecr.send(new DeleteRepositoryCommand({ repositoryName: "app" })),
    ).rejects.toMatchObject({
      name: "RepositoryNotEmptyException",
      message: `The repository with name 'app' in registry with id '${account}' cannot be deleted because it still contains images`,
    });
    await registry.ecr.send(new DeleteRepositoryCommand({ repositoryName: "app", force: true }));
    await create(registry.ecr, "app");
    expect((await registry.call("app/manifests/v1")).status).toBe(404);
  });

  it("mutability and scanning: changed and shown", async () => {
    await using registry = await startTestRegistry();
    await create(registry.ecr, "app");
    await registry.ecr.send(
      new PutImageTagMutabilityCommand({
        repositoryName: "app",
        imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "dev-*" }],
      }),
    );
    await registry.ecr.send(
      new PutImageScanningConfigurationCommand({
        repositoryName: "app",
        imageScanningConfiguration: { scanOnPush: true },
      }),
    );
    const { repositories } = await registry.ecr.send(new DescribeRepositoriesCommand({}));
    expect(repositories?.[0]).toMatchObject({
      imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
      imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "dev-*" }],
      imageScanningConfiguration: { scanOnPush: true },
    });
  });

  it("tags: at creation, added, changed and taken off", async () => {
    await using registry = await startTestRegistry();
    const { repository } = await registry.ecr.send(
      new CreateRepositoryCommand({ repositoryName: "app", tags: [{ Key: "a", Value: "1" }] }),
    );
    const resourceArn = repository?.repositoryArn;
    const tags = [
      { Key: "a", Value: "2" },
      { Key: "b", Value: "3" },
    ];
    await registry.ecr.send(new TagResourceCommand({ resourceArn, tags }));
    await registry.ecr.send(new UntagResourceCommand({ resourceArn, tagKeys: ["b"] }));
    const listed = await registry.ecr.send(new ListTagsForResourceCommand({ resourceArn }));
    expect(listed.tags).toEqual([{ Key: "a", Value: "2" }]);
  });
});

describe("policies", () => {
  const lifecyclePolicyText = JSON.stringify({
    rules: [
      {
        rulePriority: 1,
        selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 3 },
        action: { type: "expire" },
      },
    ],
  });

  it("a lifecycle policy: put, got as it was written, deleted, gone", async () => {
    await using registry = await startTestRegistry();
    await create(registry.ecr, "app");
    const repositoryName = "app";
    await registry.ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText }));
    const got = await registry.ecr.send(new GetLifecyclePolicyCommand({ repositoryName }));
    expect(got.lifecyclePolicyText).toBe(lifecyclePolicyText);
    await registry.ecr.send(new DeleteLifecyclePolicyCommand({ repositoryName }));
    await expect(
      registry.ecr.send(new GetLifecyclePolicyCommand({ repositoryName })),
    ).rejects.toMatchObject({ name: "LifecyclePolicyNotFoundException" });
  });

  it("a bad lifecycle policy: refused in AWS's words, the old one stays", async () => {
    await using registry = await startTestRegistry();
    await create(registry.ecr, "app");
    const repositoryName = "app";
    await registry.ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText }));
    const bad = new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText: "{}" });
    await expect(registry.ecr.send(bad)).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: expect.stringContaining(
        "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: ",
      ),
    });
    const got = await registry.ecr.send(new GetLifecyclePolicyCommand({ repositoryName }));
    expect(got.lifecyclePolicyText).toBe(lifecyclePolicyText);
  });

  it("a repository policy: put, got, deleted, gone", async () => {
    await using registry = await startTestRegistry();
    await create(registry.ecr, "app");
    const repositoryName = "app";
    const policyText = '{"Version":"2012-10-17","Statement":[]}';
    await registry.ecr.send(new SetRepositoryPolicyCommand({ repositoryName, policyText }));
    const got = await registry.ecr.send(new GetRepositoryPolicyCommand({ repositoryName }));
    expect(got.policyText).toBe(policyText);
    await registry.ecr.send(new DeleteRepositoryPolicyCommand({ repositoryName }));
    await expect(
      registry.ecr.send(new GetRepositoryPolicyCommand({ repositoryName })),
    ).rejects.toMatchObject({ name: "RepositoryPolicyNotFoundException" });
  });
});

describe("passwords", () => {
  const login = async (registry: Awaited<ReturnType<typeof startTestRegistry>>) => {
    const answer = await registry.ecr.send(new GetAuthorizationTokenCommand({}));
    const [data] = answer.authorizationData ?? [];
    if (!data?.authorizationToken) throw new Error("no token");
    const call = () =>
      fetch(`${registry.cloud.url}/v2/`, {
        headers: { authorization: `Basic ${data.authorizationToken}` },
      });
    return { data, call };
  };

  it("a token: `AWS:<password>` that opens the registry for twelve hours", async () => {
    await using registry = await startTestRegistry();
    const { data, call } = await login(registry);
    expect(Buffer.from(data.authorizationToken ?? "", "base64").toString()).toMatch(/^AWS:.+/);
    expect(data.proxyEndpoint).toBe(`http://localhost:${registry.cloud.port}`);
    expect(data.expiresAt?.getTime()).toBe(registry.cloud.clock.wall() + 12 * 3_600_000);
    expect((await call()).status).toBe(200);
    await registry.cloud.clock.advance(12 * 3_600_000);
    expect((await call()).status).toBe(403);
  });

  it("a password that was tampered with: not ours", async () => {
    await using registry = await startTestRegistry();
    const { password } = registry.credentials.issue({ account: "111111111111", callerArn: "x" });
    const envelope = JSON.parse(Buffer.from(password, "base64").toString()) as { payload: string };
    const claims = Buffer.from(envelope.payload, "base64").toString();
    const forged = Buffer.from(claims.replaceAll("1", "2")).toString("base64");
    const text = JSON.stringify({ ...envelope, payload: forged });
    const verdict = registry.credentials.verify(Buffer.from(text).toString("base64"));
    expect(verdict).toEqual({ type: "unreadable" });
  });
});
