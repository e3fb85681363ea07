/** A small account for hostile requests to stumble about in. */
import type { TestGateway } from "../../src/gateway/testing.ts";

/** Words that many members take: names of what `prepareWorld` makes among them. */
export const hostileWords: readonly string[] = [
  "default",
  "hello",
  "hello:1",
  "test",
  "us-east-1",
  "us-east-1a",
  "000000000000",
  "FARGATE",
  "awsvpc",
  "ACTIVE",
  "HTTP",
  "ipv4",
  "tcp",
  "application",
  "arn:aws:ecs:us-east-1:000000000000:cluster/default",
  "arn:aws:ecs:us-east-1:000000000000:service/default/hello",
  "arn:aws:iam::000000000000:role/hello",
  "arn:aws:logs:us-east-1:000000000000:log-group:hello:*",
  "/hello",
  "alias/hello",
];

type Call = readonly [service: string, target: string, body: string];

const json = (target: string, body: object): Call => ["json", target, JSON.stringify(body)];
const trust =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}';

const calls: readonly Call[] = [
  ["ec2", "DescribeSubnets", "Version=2016-11-15"],
  ["ec2", "DescribeSecurityGroups", "Version=2016-11-15"],
  ["ec2", "DescribeRouteTables", "Version=2016-11-15"],
  [
    "iam",
    "CreateRole",
    `Version=2010-05-08&RoleName=hello&AssumeRolePolicyDocument=${encodeURIComponent(trust)}`,
  ],
  [
    "elasticloadbalancing",
    "CreateTargetGroup",
    "Version=2015-12-01&Name=hello&TargetType=ip&Protocol=HTTP&Port=80&VpcId=<vpc>",
  ],
  json("AmazonEC2ContainerServiceV20141113.CreateCluster", { clusterName: "default" }),
  json("AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition", {
    family: "hello",
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    cpu: "256",
    memory: "512",
    containerDefinitions: [{ name: "hello", image: "hello" }],
  }),
  json("Logs_20140328.CreateLogGroup", { logGroupName: "hello" }),
  json("Logs_20140328.CreateLogStream", { logGroupName: "hello", logStreamName: "hello" }),
  json("AmazonEC2ContainerRegistry_V20150921.CreateRepository", { repositoryName: "hello" }),
];

/** Makes a few things of each kind; returns the identifiers that were given out. */
export async function prepareWorld({ handle }: TestGateway): Promise<string[]> {
  const found = new Set<string>();
  for (const [service, target, text] of calls) {
    const isJson = service === "json";
    const signed = isJson ? "ecs" : service;
    const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${signed}/aws4_request, SignedHeaders=host, Signature=0`;
    const headers = isJson
      ? { authorization, "x-amz-target": target, "content-type": "application/x-amz-json-1.1" }
      : { authorization, "content-type": "application/x-www-form-urlencoded" };
    const vpc = [...found].find((word) => word.startsWith("vpc-")) ?? "";
    const body = Buffer.from(isJson ? text : `Action=${target}&${text.replace("<vpc>", vpc)}`);
    const answer = await handle({ method: "POST", url: "/", headers, body });
    if (answer.status !== 200) throw new Error(`${target}: ${String(answer.body)}`);
    const words = String(answer.body).matchAll(/\b[a-z]{2,6}-[0-9a-f]{17}\b|arn:aws:[\w:/.-]+/g);
    for (const [word] of words) found.add(word);
  }
  return [...found].slice(0, 40);
}
