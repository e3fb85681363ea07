/** Policies of VPC endpoints: they have a say in all that is done for a task through its network. */
import { describe, expect, it } from "vitest";
import { policyOf } from "./support/account.ts";
import { type EngineAccount, openEngineAccount, region } from "./support/engine-account.ts";
import { pushImage } from "./support/push-image.ts";

const account = "000000000000";
const readAll = [{ Action: ["ssm:GetParameters", "secretsmanager:GetSecretValue", "kms:Decrypt"] }];
const everything = { Principal: "*", Action: "*", Resource: "*" };

/** Endpoints in the task's VPC, all with the default policy, by the last part of the service's name. */
async function addEndpoints({ ec2 }: EngineAccount, ...services: string[]) {
  const { Subnets } = await ec2.describeSubnets({});
  const { VpcId, SubnetId = "" } = Subnets?.[0] ?? {};
  const ids = new Map<string, string>();
  for (const service of services) {
    const { VpcEndpoint } = await ec2.createVpcEndpoint({
      VpcId,
      ServiceName: `com.amazonaws.${region}.${service}`,
      VpcEndpointType: "Interface",
      SubnetIds: [SubnetId],
      PrivateDnsEnabled: true,
    });
    ids.set(service, VpcEndpoint?.VpcEndpointId ?? "");
  }
  return {
    id: (service: string) => ids.get(service) ?? "",
    VpcId,
    async set(service: string, ...statements: Record<string, unknown>[]): Promise<void> {
      await ec2.modifyVpcEndpoint({
        VpcEndpointId: ids.get(service),
        PolicyDocument: policyOf(...statements.map((one) => ({ ...everything, ...one }))),
      });
    },
  };
}

const run = async (cloud: EngineAccount) => {
  const { taskArn = "", stoppedReason, stopCode } = await cloud.run();
  const id = taskArn.split("/").at(-1);
  return { stopCode, stoppedReason, who: `arn:aws:sts::${account}:assumed-role/execution/${id}` };
};

describe("endpoint policies", () => {
  it("a secret and a parameter: denied by the endpoint before the role is asked, implicitly and explicitly; reset, they come", async () => {
    await using cloud = await openEngineAccount();
    const executionRoleArn = await cloud.executionRole("execution");
    const { ARN = "" } = await cloud.secrets.createSecret({ Name: "db", SecretString: "exit:3" });
    const at = await addEndpoints(cloud, "secretsmanager", "ssm");
    const register = (valueFrom: string) =>
      cloud.register({ secrets: [{ name: "NEARGATE_SIM", valueFrom }] }, { executionRoleArn });
    await register(ARN);
    await at.set("secretsmanager", { Action: "secretsmanager:ListSecrets" });
    const implicit = await run(cloud);
    expect(implicit.stopCode).toBe("TaskFailedToStart");
    expect(implicit.stoppedReason).toContain(
      `AccessDeniedException: User: ${implicit.who} is not authorized to perform: ` +
        `secretsmanager:GetSecretValue on resource: ${ARN} because no VPC endpoint policy allows ` +
        "the secretsmanager:GetSecretValue action status code: 400",
    );
    await cloud.allow("execution", ...readAll);
    await at.set(
      "secretsmanager",
      {},
      { Effect: "Deny", Resource: "arn:aws:secretsmanager:*:*:secret:d*" },
    );
    const explicit = await run(cloud);
    expect(explicit.stoppedReason).toContain(
      `is not authorized to perform: secretsmanager:GetSecretValue on resource: ${ARN} with an ` +
        "explicit deny in a VPC endpoint policy",
    );
    await cloud.ec2.modifyVpcEndpoint({
      VpcEndpointId: at.id("secretsmanager"),
      ResetPolicy: true,
    });
    expect((await cloud.run()).containers?.[0]?.exitCode).toBe(3);

    await cloud.ssm.putParameter({ Name: "/app/exit", Type: "String", Value: "exit:4" });
    await register("/app/exit");
    await at.set("ssm", { Principal: { AWS: `arn:aws:iam::${account}:role/other` } });
    expect((await run(cloud)).stoppedReason).toContain(
      "because no VPC endpoint policy allows the ssm:GetParameters action",
    );
    await at.set("ssm", { Principal: { AWS: `arn:aws:iam::${account}:role/execution` } });
    expect((await cloud.run()).containers?.[0]?.exitCode).toBe(4);
  }, 60_000);

  it("a role that may only come by the endpoint, or only from the VPC: let in by it and not past it", async () => {
    await using cloud = await openEngineAccount();
    const executionRoleArn = await cloud.executionRole("execution");
    const { ARN = "" } = await cloud.secrets.createSecret({ Name: "db", SecretString: "exit:5" });
    await cloud.register(
      { secrets: [{ name: "NEARGATE_SIM", valueFrom: ARN }] },
      { executionRoleArn },
    );
    const at = await addEndpoints(cloud, "secretsmanager");
    const only = (Condition: object) =>
      cloud.allow("execution", { Action: "secretsmanager:GetSecretValue", Condition });
    await only({ StringEquals: { "aws:SourceVpce": at.id("secretsmanager") } });
    expect((await cloud.run()).containers?.[0]?.exitCode).toBe(5);
    await only({
      StringEquals: { "aws:sourceVpc": at.VpcId },
      IpAddress: { "aws:VpcSourceIp": "172.31.0.0/16" },
      Null: { "aws:SourceIp": "true" },
    });
    expect((await cloud.run()).containers?.[0]?.exitCode).toBe(5);
    await cloud.ec2.deleteVpcEndpoints({ VpcEndpointIds: [at.id("secretsmanager")] });
    expect((await run(cloud)).stoppedReason).toContain("because no identity-based policy allows");
  }, 60_000);

  it("an image and its log stream: ECR's, S3's and CloudWatch Logs' endpoints each say no in their turn", async () => {
    await using cloud = await openEngineAccount();
    const executionRoleArn = await cloud.executionRole("execution");
    await cloud.ecr.createRepository({ repositoryName: "app" });
    await pushImage(cloud.ecr);
    await cloud.logs.createLogGroup({ logGroupName: "/app" });
    const logConfiguration = {
      logDriver: "awslogs" as const,
      options: {
        "awslogs-group": "/app",
        "awslogs-region": region,
        "awslogs-stream-prefix": "t",
      },
    };
    const image = `${account}.dkr.ecr.${region}.amazonaws.com/app:v1`;
    await cloud.register({ image, logConfiguration }, { executionRoleArn });
    const at = await addEndpoints(cloud, "ecr.api", "ecr.dkr", "s3", "logs");
    const nothing = { Action: "sts:*" };
    for (const service of ["ecr.api", "ecr.dkr", "s3", "logs"]) await at.set(service, nothing);

    expect((await run(cloud)).stoppedReason).toContain(
      "because no VPC endpoint policy allows the ecr:GetAuthorizationToken action",
    );
    await at.set("ecr.api", {});
    expect((await run(cloud)).stoppedReason).toMatch(/CannotPull.*manifests v1\]: 403 Forbidden$/);
    await at.set("ecr.dkr", { Action: "ecr:BatchGetImage" });
    expect((await run(cloud)).stoppedReason).toMatch(/CannotPull.*httpReadSeeker.*403 Forbidden$/);
    await at.set("ecr.dkr", { Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"] });
    expect((await run(cloud)).stoppedReason).toMatch(/CannotPull.*httpReadSeeker.*403 Forbidden$/);
    const layers = `arn:aws:s3:::prod-${region}-starport-layer-bucket/*`;
    await at.set("s3", { Action: "s3:GetObject", Resource: layers });
    expect((await run(cloud)).stoppedReason).toContain(
      "because no VPC endpoint policy allows the logs:CreateLogStream action",
    );
    await at.set("logs", { Action: ["logs:CreateLogStream", "logs:PutLogEvents"] });
    expect((await cloud.run()).lastStatus).toBe("RUNNING");
  }, 60_000);
});
