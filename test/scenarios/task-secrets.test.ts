/** Secrets and registry logins of tasks: fetched with the execution role, refused in AWS's words. */
import { describe, expect, it } from "vitest";
import { policyOf, trusting } from "./support/account.ts";
import { type EngineAccount, openEngineAccount, region } from "./support/engine-account.ts";
import { pushImage } from "./support/push-image.ts";

const account = "000000000000";
const refused = "status code: 400, request id: ";
const failed =
  "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ";
const fromManager = `${failed}unable to retrieve secret from asm: `;
const fromSsm = `${failed}unable to retrieve secrets from ssm: `;

const readAll = [{ Action: ["ssm:GetParameters", "secretsmanager:GetSecretValue", "kms:Decrypt"] }];

/** A task whose container has the value as its script: it says what it was given. */
const withSecret = async (cloud: EngineAccount, valueFrom: string, executionRoleArn: string) => {
  await cloud.register({ secrets: [{ name: "NEARGATE_SIM", valueFrom }] }, { executionRoleArn });
  return cloud.run();
};

const reasonOf = async (...given: Parameters<typeof withSecret>): Promise<string> => {
  const { lastStatus, stopCode, stoppedReason } = await withSecret(...given);
  expect({ lastStatus, stopCode }).toEqual({
    lastStatus: "STOPPED",
    stopCode: "TaskFailedToStart",
  });
  return stoppedReason ?? "";
};

describe("a task's secrets", () => {
  it("a parameter by name and by ARN, a secret whole and by key, stage and version: each reaches its container", async () => {
    await using cloud = await openEngineAccount();
    const role = await cloud.executionRole("execution", ...readAll);
    await cloud.ssm.putParameter({ Name: "/app/exit", Type: "SecureString", Value: "exit:11" });
    const whole = await cloud.secrets.createSecret({ Name: "whole", SecretString: "exit:12" });
    const token = "1".repeat(32);
    const keyed = await cloud.secrets.createSecret({
      Name: "keyed",
      ClientRequestToken: token,
      SecretString: JSON.stringify({ exit: "exit:13" }),
    });
    await cloud.secrets.putSecretValue({
      SecretId: "keyed",
      SecretString: JSON.stringify({ exit: "exit:14" }),
    });
    const codes: (number | undefined)[] = [];
    for (const valueFrom of [
      "/app/exit",
      `arn:aws:ssm:${region}:${account}:parameter/app/exit`,
      whole.ARN ?? "",
      `${keyed.ARN}:exit::`,
      `${keyed.ARN}:exit:AWSPREVIOUS:`,
      `${keyed.ARN}:exit::${token}`,
    ]) {
      codes.push((await withSecret(cloud, valueFrom, role)).containers?.[0]?.exitCode);
    }
    expect(codes).toEqual([11, 11, 12, 14, 13, 13]);
  });

  it("no permission: AWS's reason, by the role's session of the task's name; granted: it runs", async () => {
    await using cloud = await openEngineAccount();
    const role = await cloud.executionRole("execution");
    const { ARN = "" } = await cloud.secrets.createSecret({ Name: "db", SecretString: "exit:0" });
    await cloud.ssm.putParameter({ Name: "/app/exit", Type: "String", Value: "exit:0" });
    const parameter = `arn:aws:ssm:${region}:${account}:parameter/app/exit`;
    const denied = (id: string, action: string, resource: string) =>
      `AccessDeniedException: User: arn:aws:sts::${account}:assumed-role/execution/${id} is not ` +
      `authorized to perform: ${action} on resource: ${resource} because no identity-based policy ` +
      `allows the ${action} action ${refused}`;

    const first = await withSecret(cloud, ARN, role);
    expect(first.stoppedReason).toContain(
      `${fromManager}service call has been retried 1 time(s): failed to fetch secret ${ARN} from secrets ` +
        `manager: ${denied(first.taskArn?.split("/").at(-1) ?? "", "secretsmanager:GetSecretValue", ARN)}`,
    );
    const second = await withSecret(cloud, "/app/exit", role);
    expect(second.stoppedReason).toContain(
      `${fromSsm}service call has been retried 1 time(s): ` +
        denied(second.taskArn?.split("/").at(-1) ?? "", "ssm:GetParameters", parameter),
    );
    await cloud.allow("execution", ...readAll);
    expect((await cloud.run()).containers?.[0]?.exitCode).toBe(0);
  });

  it("what is not there, not JSON, without the key, or too short an id: told as on AWS", async () => {
    await using cloud = await openEngineAccount();
    const role = await cloud.executionRole("execution", ...readAll);
    const plain = await cloud.secrets.createSecret({ Name: "plain", SecretString: "tpassword" });
    const keyed = await cloud.secrets.createSecret({ Name: "keyed", SecretString: '{"a":"b"}' });
    const gone = `arn:aws:secretsmanager:${region}:${account}:secret:gone-AbCdEf`;
    const reason = (valueFrom: string) => reasonOf(cloud, valueFrom, role);

    expect(await reason("/app/none")).toBe(`${fromSsm}invalid ssm parameters: /app/none`);
    const missing = await reason(gone);
    expect(missing).toContain(`The task can't retrieve the secret with ARN '${gone}'`);
    expect(missing).toContain(
      "ResourceNotFoundException: Secrets Manager can't find the specified secret.",
    );
    expect(await reason(`${plain.ARN}:user::`)).toContain(
      `failed to fetch secret ${plain.ARN} from secrets manager: invalid character 'p' in literal true (expecting 'r')`,
    );
    expect(await reason(`${keyed.ARN}:user::`)).toContain(
      "retrieved secret from Secrets Manager did not contain json key user",
    );
    expect(await reason(`${keyed.ARN}:a:AWSPREVIOUS:`)).toContain("staging label: AWSPREVIOUS");
    expect(await reason(`${keyed.ARN}:a::short`)).toContain(
      "InvalidParameter: 1 validation error(s) found. - minimum field size of 32, GetSecretValueInput.VersionId.",
    );
    await cloud.secrets.deleteSecret({ SecretId: "keyed" });
    expect(await reason(keyed.ARN ?? "")).toContain("InvalidRequestException: ");
  });

  it("a key of one's own: Decrypt must be allowed, and the key must be enabled", async () => {
    await using cloud = await openEngineAccount();
    const fetching = { Action: ["ssm:GetParameters", "secretsmanager:GetSecretValue"] };
    const role = await cloud.executionRole("execution", fetching);
    const { KeyMetadata } = await cloud.kms.createKey({});
    const [KeyId = "", keyArn = ""] = [KeyMetadata?.KeyId, KeyMetadata?.Arn];
    await cloud.ssm.putParameter({ Name: "p", Type: "SecureString", Value: "exit:0", KeyId });
    const { ARN = "" } = await cloud.secrets.createSecret({
      Name: "s",
      SecretString: "exit:0",
      KmsKeyId: KeyId,
    });
    expect(await reasonOf(cloud, "p", role)).toContain(
      `is not authorized to perform: kms:Decrypt on resource: ${keyArn}`,
    );
    expect(await reasonOf(cloud, ARN, role)).toContain(
      "AccessDeniedException: Access to KMS is not allowed",
    );
    await cloud.allow("execution", fetching, { Action: "kms:Decrypt", Resource: keyArn });
    expect((await withSecret(cloud, "p", role)).containers?.[0]?.exitCode).toBe(0);
    expect((await withSecret(cloud, ARN, role)).containers?.[0]?.exitCode).toBe(0);
    await cloud.kms.disableKey({ KeyId });
    expect(await reasonOf(cloud, "p", role)).toContain(`${keyArn} is disabled.`);
  });

  it("no way out of the subnet: the text for a network, after the tries of AWS's client", async () => {
    await using cloud = await openEngineAccount();
    const role = await cloud.executionRole("execution", ...readAll);
    const awsvpcConfiguration = {
      ...cloud.network.awsvpcConfiguration,
      assignPublicIp: "DISABLED" as const,
    };
    const { ARN = "" } = await cloud.secrets.createSecret({ Name: "s", SecretString: "exit:0" });
    const reasons: (string | undefined)[] = [];
    for (const valueFrom of ["/app/none", ARN]) {
      const secrets = [{ name: "A", valueFrom }];
      await cloud.register({ secrets }, { executionRoleArn: role });
      const task = await cloud.run({ networkConfiguration: { awsvpcConfiguration } });
      reasons.push(task.stoppedReason);
    }
    expect(reasons[0]).toContain(
      "Check your network connection between the task and AWS Systems Manager",
    );
    expect(reasons[1]).toContain(`failed to fetch secret ${ARN} from secrets manager`);
    for (const reason of reasons) {
      expect(reason).toContain(
        "service call has been retried 5 time(s): RequestCanceled: request context canceled caused by: context deadline exceeded",
      );
    }
  });

  it("values: in no answer of ECS, and in nothing that the state holds", async () => {
    await using cloud = await openEngineAccount();
    const role = await cloud.executionRole("execution", ...readAll);
    await cloud.ssm.putParameter({ Name: "/p", Type: "SecureString", Value: "log:topmost" });
    const task = await withSecret(cloud, "/p", role);
    expect(task.lastStatus).toBe("RUNNING");
    const definition = await cloud.ecs.describeTaskDefinition({ taskDefinition: "app" });
    const status = await (await fetch(`${cloud.engine.endpoint}/_neargate/status`)).text();
    expect(JSON.stringify([task, definition, status])).not.toContain("topmost");
    expect(definition.taskDefinition?.containerDefinitions?.[0]?.secrets).toEqual([
      { name: "NEARGATE_SIM", valueFrom: "/p" },
    ]);
  });
});

describe("a registry's login", () => {
  const image = "registry.example.com/team/app:v1";

  it("not allowed, or not a login: AWS's words; as it should be: pulled", async () => {
    await using cloud = await openEngineAccount();
    const role = await cloud.executionRole("execution");
    const { ARN = "" } = await cloud.secrets.createSecret({ Name: "login", SecretString: "me" });
    const repositoryCredentials = { credentialsParameter: ARN };
    await cloud.register({ image, repositoryCredentials }, { executionRoleArn: role });
    const from = `${failed}unable to get registry auth from asm: service call has been retried 1 time(s): asm fetching secret from the service for ${ARN}: `;
    expect((await cloud.run()).stoppedReason).toContain(`${from}AccessDeniedException: User: `);
    await cloud.allow("execution", ...readAll);
    expect((await cloud.run()).stoppedReason).toContain(from);
    const SecretString = JSON.stringify({ username: "me", password: "secret" });
    await cloud.secrets.putSecretValue({ SecretId: "login", SecretString });
    expect((await cloud.run()).lastStatus).toBe("RUNNING");
  });
});

describe("the execution role", () => {
  it("trust that leaves ECS out, or no such role: RunTask says so, a service's event too", async () => {
    await using cloud = await openEngineAccount();
    const AssumeRolePolicyDocument = trusting({ Service: "ec2.amazonaws.com" });
    await cloud.iam.createRole({ RoleName: "execution", AssumeRolePolicyDocument });
    const arn = `arn:aws:iam::${account}:role/execution`;
    await cloud.register({}, { executionRoleArn: arn });
    const words =
      `ECS was unable to assume the role '${arn}' that was provided for this task. Please verify that the ` +
      "role being passed has the proper trust relationship and permissions and that your IAM user has " +
      "permissions to pass this role.";
    await expect(cloud.run()).rejects.toMatchObject({ name: "ClientException", message: words });
    const none = { taskRoleArn: `arn:aws:iam::${account}:role/none` };
    await expect(cloud.run({ overrides: none })).rejects.toMatchObject({ name: "ClientException" });

    await cloud.ecs.createService({
      cluster: "main",
      serviceName: "web",
      taskDefinition: "app",
      desiredCount: 1,
      launchType: "FARGATE",
      networkConfiguration: cloud.network,
    });
    await cloud.engine.advance(5_000);
    const describeWeb = async () =>
      (await cloud.ecs.describeServices({ cluster: "main", services: ["web"] })).services?.[0];
    const service = await describeWeb();
    expect(service?.events?.at(-1)?.message).toBe(
      `(service web) failed to launch a task with (error ${words})`,
    );
    expect(service?.deployments?.[0]?.failedTasks).toBe(1);
    const trust = trusting({ Service: "ecs-tasks.amazonaws.com" });
    await cloud.iam.updateAssumeRolePolicy({ RoleName: "execution", PolicyDocument: trust });
    await cloud.engine.advance(1_000);
    expect((await describeWeb())?.runningCount).toBe(1);
  });

  it("a role of the run instead of the definition's: it is the one that acts", async () => {
    await using cloud = await openEngineAccount();
    const poor = await cloud.executionRole("poor");
    const rich = await cloud.executionRole("rich", ...readAll);
    await cloud.ssm.putParameter({ Name: "/p", Type: "String", Value: "exit:0" });
    await cloud.register(
      { secrets: [{ name: "NEARGATE_SIM", valueFrom: "/p" }] },
      { executionRoleArn: poor },
    );
    expect((await cloud.run()).stoppedReason).toContain("assumed-role/poor/");
    const task = await cloud.run({ overrides: { executionRoleArn: rich } });
    expect(task).toMatchObject({
      overrides: { executionRoleArn: rich },
      containers: [{ exitCode: 0 }],
    });
  });

  it("no login, no manifest, no layers, no stream: each permission is asked for by its name", async () => {
    await using cloud = await openEngineAccount();
    const trust = trusting({ Service: "ecs-tasks.amazonaws.com" });
    const { Role } = await cloud.iam.createRole({
      RoleName: "execution",
      AssumeRolePolicyDocument: trust,
    });
    await cloud.ecr.createRepository({ repositoryName: "app" });
    const { blob } = await pushImage(cloud.ecr);
    const host = `${account}.dkr.ecr.${region}.amazonaws.com`;
    await cloud.register(
      {
        image: `${host}/app:v1`,
        logConfiguration: {
          logDriver: "awslogs",
          options: {
            "awslogs-group": "/new",
            "awslogs-region": region,
            "awslogs-stream-prefix": "t",
            "awslogs-create-group": "true",
          },
        },
      },
      { executionRoleArn: Role?.Arn },
    );
    const granted: string[] = [];
    const grantAndRun = async (...actions: string[]) => {
      granted.push(...actions);
      if (granted.length > 0) await cloud.allow("execution", { Action: granted });
      return cloud.run();
    };
    expect((await grantAndRun()).stoppedReason).toContain(
      `${failed}unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: User: arn:aws:sts::${account}:assumed-role/execution/`,
    );
    const noManifest = await grantAndRun("ecr:GetAuthorizationToken");
    expect(noManifest.stoppedReason).toBe(
      `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${host}/app:v1: pulling from host ${host} failed with status code [manifests v1]: 403 Forbidden`,
    );
    expect(noManifest.containers?.[0]?.reason).toBe(noManifest.stoppedReason);
    expect((await grantAndRun("ecr:BatchGetImage")).stoppedReason).toBe(
      `CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code https://${host}/v2/app/blobs/${blob}: 403 Forbidden`,
    );
    const noStream = await grantAndRun("ecr:GetDownloadUrlForLayer");
    expect(noStream.stoppedReason).toContain(
      "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: AccessDeniedException: User: ",
    );
    expect((await grantAndRun("logs:CreateLogStream")).stoppedReason).toContain(
      "failed to create Cloudwatch log group: AccessDeniedException: User: ",
    );
    expect((await grantAndRun("logs:CreateLogGroup")).lastStatus).toBe("RUNNING");
  });

  it("secrets refused and the image missing: the secrets come first, as in Fargate's order", async () => {
    await using cloud = await openEngineAccount();
    const role = await cloud.executionRole("execution");
    await cloud.register(
      {
        image: `${account}.dkr.ecr.${region}.amazonaws.com/none:v1`,
        secrets: [{ name: "A", valueFrom: "/p" }],
      },
      { executionRoleArn: role },
    );
    const task = await cloud.run();
    expect(task.stoppedReason).toContain(fromSsm);
    expect(task.containers?.[0]?.reason).toBeUndefined();
    await cloud.allow("execution", ...readAll);
    await cloud.ssm.putParameter({ Name: "/p", Type: "String", Value: "v" });
    expect((await cloud.run()).stoppedReason).toMatch(/^CannotPullContainerError: .*not found$/);
  });

  it("a repository's own policy that denies: refused, whatever the role may", async () => {
    await using cloud = await openEngineAccount();
    const role = await cloud.executionRole("execution");
    await cloud.ecr.createRepository({ repositoryName: "app" });
    await pushImage(cloud.ecr);
    const policyText = policyOf({ Effect: "Deny", Principal: "*", Action: "ecr:BatchGetImage" });
    await cloud.ecr.setRepositoryPolicy({ repositoryName: "app", policyText });
    const image = `${account}.dkr.ecr.${region}.amazonaws.com/app:v1`;
    await cloud.register({ image }, { executionRoleArn: role });
    expect((await cloud.run()).stoppedReason).toMatch(/403 Forbidden$/);
  });
});
