/** An account with users, roles and clients that sign with their keys, for tests of who may do what. */
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from "@aws-sdk/client-sts";
import { recordedSessions } from "../../../src/dataplane/sessions/testing.ts";
import type { UnknownCallers } from "../../../src/gateway/callers.ts";
import { startTestGateway, type TestGateway } from "../../../src/gateway/testing.ts";
import { manualClock } from "../../../src/seams/clock.ts";
import { memorySealing, type Sealing } from "../../../src/seams/sealing.ts";
import { ec2Service } from "../../../src/services/ec2/service.ts";
import { ecsService } from "../../../src/services/ecs/service.ts";
import { elbv2Service } from "../../../src/services/elbv2/service.ts";
import { iamService } from "../../../src/services/iam/service.ts";
import { stsService } from "../../../src/services/sts/service.ts";
import type { Store } from "../../../src/state/store.ts";

export type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
export type Statement = Record<string, unknown>;

export const account = "000000000000";

export const policyOf = (...statements: Statement[]): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map((statement) => ({
      Effect: "Allow",
      ...(statement["NotAction"] === undefined && { Action: "*" }),
      ...statement,
    })),
  });

/** Statements that say what may be done, on everything where they name no resource. */
export const allowing = (...statements: Statement[]): string =>
  policyOf(...statements.map((statement) => ({ Resource: "*", ...statement })));

export const trusting = (Principal: unknown, more: Statement = {}): string =>
  policyOf({ Action: "sts:AssumeRole", Principal, ...more });

type AccountOptions = {
  readonly unknownCallers?: UnknownCallers;
  readonly sealing?: Sealing;
  readonly store?: Store;
};

/** The clock stands at the present, which is what clients sign with. */
export async function openAccount(options: AccountOptions = {}) {
  const sealing = options.sealing ?? memorySealing();
  const clock = manualClock(Date.now());
  const services = [
    ec2Service(),
    ecsService({ sessions: recordedSessions() }),
    elbv2Service(),
    iamService(),
    stsService({ sealing }),
  ];
  const cloud = await startTestGateway(services, { ...options, sealing, clock });
  return Object.assign(cloud, helpersOf(cloud));
}

function helpersOf(cloud: TestGateway) {
  const iam = cloud.client(IAMClient);
  return {
    iam,
    async user(name: string, policy?: string, boundary?: string): Promise<Keys> {
      await iam.send(new CreateUserCommand({ UserName: name, PermissionsBoundary: boundary }));
      if (policy !== undefined) {
        await iam.send(
          new PutUserPolicyCommand({
            UserName: name,
            PolicyName: "inline",
            PolicyDocument: policy,
          }),
        );
      }
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
      return {
        accessKeyId: AccessKey?.AccessKeyId ?? "",
        secretAccessKey: AccessKey?.SecretAccessKey ?? "",
      };
    },
    async policy(name: string, document: string): Promise<string> {
      const { Policy } = await iam.send(
        new CreatePolicyCommand({ PolicyName: name, PolicyDocument: document }),
      );
      return Policy?.Arn ?? "";
    },
    attach: (UserName: string, PolicyArn: string) =>
      iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn })),
    async role(name: string, trust: string, policy?: string, more: object = {}): Promise<string> {
      const { Role } = await iam.send(
        new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust, ...more }),
      );
      if (policy !== undefined) {
        await iam.send(
          new PutRolePolicyCommand({
            RoleName: name,
            PolicyName: "inline",
            PolicyDocument: policy,
          }),
        );
      }
      return Role?.Arn ?? "";
    },
    async assume(RoleArn: string, more: Partial<AssumeRoleCommandInput> = {}, as?: Keys) {
      const sts = cloud.client(STSClient, {}, as);
      const answer = await sts.send(
        new AssumeRoleCommand({ RoleArn, RoleSessionName: "run-1", ...more }),
      );
      const {
        AccessKeyId = "",
        SecretAccessKey = "",
        SessionToken = "",
      } = answer.Credentials ?? {};
      const keys: Keys = {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
      };
      return { ...answer, keys };
    },
  };
}

export type Account = Awaited<ReturnType<typeof openAccount>>;

type Refusal = { code: string; status: number | undefined; message: string };

/** How a call is refused. */
export async function refusal(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    const { name, Code, message, $metadata } = error as Error & {
      Code?: string;
      $metadata?: { httpStatusCode?: number };
    };
    return { code: Code ?? name, status: $metadata?.httpStatusCode, message };
  }
  throw new Error("the call was not refused");
}
