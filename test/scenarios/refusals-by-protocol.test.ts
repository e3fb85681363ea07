/**
 * Denials and wrong signatures as each protocol writes them: status, content type, header and body. There is no
 * service here yet that speaks REST, so three of AWS's lend theirs with an operation each.
 */
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { ECSClient, ListClustersCommand } from "@aws-sdk/client-ecs";
import * as efsExports from "@aws-sdk/client-efs";
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  ListUsersCommand,
} from "@aws-sdk/client-iam";
import * as route53Exports from "@aws-sdk/client-route-53";
import * as s3Exports from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordedSessions } from "../../src/dataplane/sessions/testing.ts";
import { type AnyOperation, read, type ServiceModule } from "../../src/gateway/service.ts";
import { startTestGateway, type TestGateway } from "../../src/gateway/testing.ts";
import { loadModel } from "../../src/gateway/wire/model.ts";
import { manualClock } from "../../src/seams/clock.ts";
import { ec2Service } from "../../src/services/ec2/service.ts";
import { ecsService } from "../../src/services/ecs/service.ts";
import { iamService } from "../../src/services/iam/service.ts";
import { buildModelOf } from "../../tools/wire-model.ts";

const lent = (name: string, operation: string, prefix = name): ServiceModule => ({
  name,
  missingMember: () => undefined,
  operations: {
    [operation]: read<object, object>({
      action: `${prefix}:${operation}`,
      resources: () => ["*"],
      accepts: {},
      run: () => ({}),
    }) as AnyOperation,
  },
});

const models: Readonly<Record<string, () => ReturnType<typeof buildModelOf>>> = {
  efs: () => buildModelOf("efs", efsExports, ["DescribeFileSystems"]),
  s3: () => buildModelOf("s3", s3Exports, ["ListBuckets"]),
  route53: () => buildModelOf("route53", route53Exports, ["ListHostedZones"]),
};

type Wire = { status: number; type: string; error: string; body: string };
type Sdk = {
  middlewareStack: { add(middleware: never, options: object): void };
  config: { disableHostPrefix?: boolean };
  send(command: object): Promise<unknown>;
  destroy(): void;
};
type SdkClass = new (config: never) => Sdk;

let cloud: TestGateway;
let keys = { accessKeyId: "", secretAccessKey: "" };
beforeAll(async () => {
  const services = [
    lent("efs", "DescribeFileSystems", "elasticfilesystem"),
    lent("s3", "ListBuckets"),
    lent("route53", "ListHostedZones"),
    ec2Service(),
    ecsService({ sessions: recordedSessions() }),
    iamService(),
  ];
  cloud = await startTestGateway(services, {
    clock: manualClock(Date.now()),
    models: (name) => models[name]?.() ?? loadModel(name),
  });
  const iam = cloud.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: "alice" }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "alice" }));
  keys = {
    accessKeyId: AccessKey?.AccessKeyId ?? "",
    secretAccessKey: AccessKey?.SecretAccessKey ?? "",
  };
});
afterAll(() => cloud.close());

/** What a client is answered, and what it makes of it. */
async function refused(Client: unknown, command: object, credentials = keys) {
  const client = cloud.client(Client as SdkClass as never, {}, credentials) as Sdk;
  let wire: Wire | undefined;
  const look =
    (next: (args: unknown) => Promise<{ response: Response }>) => async (args: unknown) => {
      const result = await next(args);
      const { response } = result;
      const bytes = await buffer(response.body);
      response.body = Readable.from([bytes]);
      wire = {
        status: response.statusCode,
        type: response.headers["content-type"] ?? "",
        error: response.headers["x-amzn-errortype"] ?? "",
        body: bytes.toString(),
      };
      return result;
    };
  client.middlewareStack.add(look as never, { step: "deserialize", priority: "low" });
  const error = await client.send(command).then(
    () => new Error("not refused"),
    (thrown: Error) => thrown,
  );
  return { wire, name: error.name, message: error.message };
}

type Response = { statusCode: number; headers: Record<string, string>; body: Readable };

const who = "User: arn:aws:iam::000000000000:user/alice is not authorized to perform: ";
const because = " because no identity-based policy allows the";

const clients = {
  "awsJson 1.1": [ECSClient, new ListClustersCommand({})],
  awsQuery: [IAMClient, new ListUsersCommand({})],
  ec2Query: [EC2Client, new DescribeVpcsCommand({})],
  restJson1: [efsExports.EFSClient, new efsExports.DescribeFileSystemsCommand({})],
  "restXml of S3": [s3Exports.S3Client, new s3Exports.ListBucketsCommand({})],
  "restXml of Route 53": [
    route53Exports.Route53Client,
    new route53Exports.ListHostedZonesCommand({}),
  ],
} as const;

describe("denied by policies", () => {
  it.each([
    ["awsJson 1.1", 400, "application/x-amz-json-1.1", "AccessDeniedException", "ecs:ListClusters"],
    ["awsQuery", 403, "text/xml", "AccessDenied", "iam:ListUsers"],
    ["ec2Query", 403, "text/xml", "UnauthorizedOperation", "ec2:DescribeVpcs"],
    [
      "restJson1",
      403,
      "application/json",
      "AccessDeniedException",
      "elasticfilesystem:DescribeFileSystems",
    ],
    ["restXml of S3", 403, "application/xml", "AccessDenied", "s3:ListBuckets"],
    ["restXml of Route 53", 403, "application/xml", "AccessDenied", "route53:ListHostedZones"],
  ] as const)(
    "%s: %i in %s, and the client understands it",
    async (protocol, status, type, code, action) => {
      const [Client, command] = clients[protocol];
      const { wire, name, message } = await refused(Client, command);
      expect(wire?.status).toBe(status);
      expect(wire?.type).toContain(type);
      expect(name).toBe(code);
      expect(message).toContain(`${who}${action} on resource: `);
      expect(message).toContain(`${because} ${action} action`);
    },
  );

  it("restJson1: the code in a header, the words as JSON", async () => {
    const { wire } = await refused(...clients.restJson1);
    expect(wire?.error).toBe("AccessDeniedException");
    const told = JSON.parse(wire?.body ?? "") as Record<string, unknown>;
    expect(String(told["message"] ?? told["Message"])).toContain(who);
  });

  it("restXml: bare for S3, wrapped for others", async () => {
    const s3 = await refused(...clients["restXml of S3"]);
    expect(s3.wire?.body).toMatch(
      /^(?:<\?xml[^>]*>\s*)?<Error><Code>AccessDenied<\/Code><Message>User: .*<RequestId>.+<\/RequestId>/,
    );
    const route53 = await refused(...clients["restXml of Route 53"]);
    expect(route53.wire?.body).toMatch(
      /<ErrorResponse(?: xmlns="[^"]+")?><Error>(?:<Type>Sender<\/Type>)?<Code>AccessDenied<\/Code><Message>User: /,
    );
  });
});

describe("a wrong signature", () => {
  it.each([
    ["awsJson 1.1", 400, "InvalidSignatureException"],
    ["awsQuery", 403, "SignatureDoesNotMatch"],
    ["ec2Query", 401, "AuthFailure"],
    ["restJson1", 403, "InvalidSignatureException"],
    ["restXml of S3", 403, "SignatureDoesNotMatch"],
    ["restXml of Route 53", 403, "SignatureDoesNotMatch"],
  ] as const)("%s: %i %s", async (protocol, status, code) => {
    const wrong = { ...keys, secretAccessKey: "x".repeat(40) };
    const { wire, name } = await refused(clients[protocol][0], clients[protocol][1], wrong);
    expect({ status: wire?.status, name }).toEqual({ status, name: code });
  });
});
