/**
 * The codecs against botocore, so that they do not merely agree with one client: it writes an input and
 * our decoding reads it, we encode an output and it reads that. Skipped where Python has no botocore.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sdkEcho } from "../../../test/builders/sdk-echo.ts";
import { arriving, structureOf, type Values } from "../../../test/builders/wire-values.ts";
import { buildModelOf } from "../../../tools/wire-model.ts";
import { ApiError } from "../api-error.ts";
import { setEntry } from "../wire/entries.ts";
import type { Protocol } from "../wire/model.ts";
import { nothing, type StructureShape } from "../wire/shapes.ts";

const hasBotocore = spawnSync("python3", ["-c", "import botocore"]).status === 0;

type Answer = Record<string, unknown>;
const program = new URL("../../../test/builders/second_reader.py", import.meta.url).pathname;
let python: ChildProcess;
let lines: Interface;

async function ask(question: object): Promise<Answer> {
  const answered = new Promise<string>((resolve) => lines.once("line", resolve));
  python.stdin?.write(`${JSON.stringify(question)}\n`);
  return JSON.parse(await answered) as Answer;
}

// Each with operations of every kind that its protocol has.
const asked: readonly (readonly [service: string, pkg: string, operations: string])[] = [
  [
    "ecs",
    "ecs",
    "CreateService RegisterTaskDefinition RunTask ListTasks DescribeClusters TagResource UpdateService",
  ],
  [
    "logs",
    "cloudwatch-logs",
    "PutLogEvents FilterLogEvents CreateLogGroup DescribeLogStreams GetLogEvents",
  ],
  ["ecr", "ecr", "CreateRepository BatchGetImage PutImage UploadLayerPart GetAuthorizationToken"],
  ["iam", "iam", "CreateRole ListPolicies TagRole SimulatePrincipalPolicy GetRole CreatePolicy"],
  ["sts", "sts", "AssumeRole GetCallerIdentity AssumeRoleWithWebIdentity GetSessionToken"],
  [
    "elbv2",
    "elastic-load-balancing-v2",
    "CreateLoadBalancer CreateRule ModifyTargetGroupAttributes DescribeTargetHealth RegisterTargets",
  ],
  [
    "ec2",
    "ec2",
    "CreateSecurityGroup AuthorizeSecurityGroupIngress DescribeSubnets RunInstances CreateVpc CreateTags DescribeNetworkInterfaces",
  ],
  [
    "efs",
    "efs",
    "CreateFileSystem CreateAccessPoint DescribeMountTargets TagResource DeleteFileSystem UntagResource",
  ],
  [
    "lambda",
    "lambda",
    "CreateFunction ListFunctions UpdateFunctionConfiguration AddPermission GetFunction TagResource ListTags",
  ],
  [
    "s3",
    "s3",
    "PutBucketTagging GetObjectTagging ListObjectsV2 HeadObject CompleteMultipartUpload GetBucketAcl PutBucketAcl CreateBucket DeleteObject",
  ],
  [
    "route53",
    "route-53",
    "CreateHostedZone GetHostedZone CreateHealthCheck GetHealthCheck ListTagsForResource ChangeTagsForResource",
  ],
  [
    "cloudwatch",
    "cloudwatch",
    "PutMetricData GetMetricData PutMetricAlarm DescribeAlarms ListMetrics GetMetricWidgetImage TagResource",
  ],
];

const overrides = {
  Bucket: fc.constant("a-bucket"),
  SSECustomerKey: undefined,
  ChecksumAlgorithm: undefined,
  // It is verified, so that not any text will do.
  ContentMD5: undefined,
  Expires: undefined,
};

describe.skipIf(!hasBotocore)("botocore", () => {
  beforeAll(() => {
    python = spawn("python3", [program], { stdio: ["pipe", "pipe", "inherit"] });
    if (python.stdout) lines = createInterface(python.stdout);
  });
  afterAll(() => {
    python.kill();
  });

  it.each(asked)(
    "%s: what it sends arrives, what it is answered it reads",
    async (service, pkg, list) => {
      const exports = await import(`@aws-sdk/client-${pkg}`);
      const model = buildModelOf(service, exports);
      using echo = sdkEcho(exports, model);
      const failures: string[] = [];
      for (const operation of list.split(" ")) {
        const { input = nothing, output = nothing } = echo.linked.operation(operation) ?? {};
        const main = model.metadata.protocol;
        const sent = fc.sample(structureOf(safe(input), main, overrides), { numRuns: 4, seed: 5 });
        const answers = fc.sample(structureOf(safe(output), main), { numRuns: 4, seed: 6 });
        for (let [at, value] of sent.entries()) {
          value = unwrap(
            (await ask({ service, operation, side: "input", prune: wrap(withoutReturns(value)) }))[
              "value"
            ],
          ) as Values;
          const told = await ask({
            service,
            operation,
            side: "output",
            prune: wrap(answers[at] ?? {}),
          });
          const answer = unwrap(told["value"]) as Values;
          echo.output = answer;
          const request = await ask({ service, operation, input: wrap(value) });
          try {
            expect(request["failure"]).toBeUndefined();
            const protocol = protocols[String(request["protocol"])] ?? main;
            const response = await echo.handle(toRequest(request, model.metadata.signingName));
            expect(String(response.body), "refused").not.toContain("Exception");
            const given = Object.fromEntries(
              Object.entries(echo.input).filter(([name]) => Object.hasOwn(value, name)),
            );
            expect(arriving(input, given, protocol)).toEqual(arriving(input, value, protocol));
            const body = Buffer.from(response.body).toString("base64");
            const read = await ask({ service, operation, ...response, body });
            expect(read["failure"]).toBeUndefined();
            const expected = answer;
            const known = withoutEmpty(unwrap(read["output"])) as Values;
            expect(known).toEqual(expect.objectContaining(withoutEmpty(expected) as Values));
          } catch (error) {
            failures.push(
              `${operation} ${JSON.stringify(wrap(value)).slice(0, 300)}\n${(error as Error).message}`,
            );
          }
        }
      }
      expect(failures.slice(0, 4).join("\n\n")).toBe("");
    },
    60_000,
  );

  it.each([
    ["s3", "s3", "GetObject", "NoSuchKey", 404],
    ["route53", "route-53", "GetHostedZone", "NoSuchHostedZone", 404],
    ["efs", "efs", "DescribeFileSystems", "FileSystemNotFound", 404],
    ["lambda", "lambda", "GetFunction", "ResourceNotFoundException", 404],
    ["cloudwatch", "cloudwatch", "GetDashboard", "ResourceNotFound", 404],
    ["ecs", "ecs", "DescribeServices", "ClusterNotFoundException", 400],
    ["iam", "iam", "GetRole", "NoSuchEntity", 404],
  ])("%s: an error's code, words and status", async (service, pkg, operation, code, status) => {
    const exports = await import(`@aws-sdk/client-${pkg}`);
    const model = buildModelOf(service, exports);
    using echo = sdkEcho(exports, model);
    const { input = nothing } = echo.linked.operation(operation) ?? {};
    const least = { ...input, members: input.members.filter((m) => m.required && m.http) };
    const [value = {}] = fc.sample(structureOf(least, model.metadata.protocol, overrides), 1);
    echo.output = new ApiError(code, "not there");
    const request = await ask({ service, operation, input: wrap(value) });
    const response = await echo.handle(toRequest(request, model.metadata.signingName));
    expect(response.status).toBe(status);
    const body = Buffer.from(response.body).toString("base64");
    const { error } = await ask({ service, operation, ...response, body });
    expect(error).toMatchObject({ Code: code, Message: "not there" });
  });
});

const protocols: Readonly<Record<string, Protocol>> = {
  "smithy-rpc-v2-cbor": "rpcv2Cbor",
  ec2: "ec2Query",
  query: "awsQuery",
  "rest-xml": "restXml",
};

/** Without what botocore itself cannot write: documents, streams of events, and whole numbers as fractions. */
function safe(shape: StructureShape): StructureShape {
  return { ...shape, members: shape.members.filter(({ shape: { kind } }) => kind !== "document") };
}

function toRequest(request: Answer, signingName: string) {
  return {
    method: String(request["method"]),
    url: String(request["url"]),
    headers: {
      ...(request["headers"] as Record<string, string>),
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${signingName}/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: Buffer.from(String(request["body"]), "base64"),
  };
}

function wrap(value: unknown): unknown {
  if (value instanceof Date) return { $time: value.getTime() / 1000 };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  return mapDeep(value, wrap);
}

function unwrap(value: unknown): unknown {
  const marked = (value ?? {}) as { $time?: number; $bytes?: string };
  if (typeof marked.$time === "number") return new Date(Math.round(marked.$time * 1000));
  if (typeof marked.$bytes === "string")
    return new Uint8Array(Buffer.from(marked.$bytes, "base64"));
  return mapDeep(value, unwrap);
}

/** XML does not tell what is empty from what is absent. */
function withoutEmpty(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(withoutEmpty);
  const kept = Object.entries(value)
    .map(([key, held]) => [key, withoutEmpty(held)] as const)
    .filter(
      ([, held]) =>
        held !== "" &&
        !(
          typeof held === "object" &&
          held !== null &&
          !(held instanceof Date) &&
          Object.keys(held).length === 0
        ),
    );
  return Object.fromEntries(kept);
}

/** botocore writes a bare carriage return into XML, which every reader takes for a line feed. */
const withoutReturns = (value: unknown): unknown =>
  typeof value === "string" ? value.replaceAll("\r", " ") : mapDeep(value, withoutReturns);

function mapDeep(value: unknown, change: (value: unknown) => unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(change);
  const result: Values = {};
  for (const [key, held] of Object.entries(value)) setEntry(result, key, change(held));
  return result;
}
