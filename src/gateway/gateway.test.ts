import type { CreateVpcRequest } from "@aws-sdk/client-ec2";
import type { CreateRepositoryRequest, CreateRepositoryResponse } from "@aws-sdk/client-ecr";
import type { CreateTargetGroupInput } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { GetCallerIdentityRequest, GetCallerIdentityResponse } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DriverError } from "../dataplane/errors.ts";
import { UnwritableStateError } from "../state/store.ts";
import { ApiError } from "./api-error.ts";
import { queryCodec } from "./protocols/query.ts";
import type { ApiResponse } from "./request.ts";
import { read, type ServiceModule, write } from "./service.ts";
import { startTestGateway, type TestGateway } from "./testing.ts";
import { loadModel } from "./wire/model.ts";
import { linkModel } from "./wire/shapes.ts";

let received: unknown;
let outcome: () => unknown = () => ({});
const act = (_context: unknown, input: unknown): never => {
  received = input;
  return outcome() as never;
};
const everything = { action: "x:Y", resources: () => ["*"] };

const services: ServiceModule[] = [
  {
    name: "ecr",
    // Small values are enough here; constraints have a test of their own.
    brokenConstraint: () => undefined,
    operations: {
      CreateRepository: write<CreateRepositoryRequest, CreateRepositoryResponse>({
        ...everything,
        action: "ecr:CreateRepository",
        accepts: { repositoryName: true, tags: true, imageScanningConfiguration: {} },
        run: act,
      }),
    },
  },
  {
    name: "ec2",
    operations: {
      CreateVpc: write<CreateVpcRequest, never>({
        ...everything,
        action: "ec2:CreateVpc",
        accepts: { CidrBlock: true, TagSpecifications: { ResourceType: true }, DryRun: true },
        run: act,
      }),
      DeleteVpc: write<{ VpcId: string | undefined }, void>({
        ...everything,
        accepts: { VpcId: true },
        run: act,
      }),
    },
  },
  {
    name: "elbv2",
    brokenConstraint: () => undefined,
    operations: {
      CreateTargetGroup: write<CreateTargetGroupInput, never>({
        ...everything,
        accepts: { Name: true, Port: true, HealthCheckEnabled: true, Tags: true },
        run: act,
      }),
    },
  },
  {
    name: "sts",
    operations: { GetCallerIdentity: read({ ...everything, accepts: {}, run: act }) },
  },
];

let cloud: TestGateway;
beforeAll(async () => {
  cloud = await startTestGateway(services);
});
afterAll(() => cloud.close());
beforeEach(() => {
  received = undefined;
  outcome = () => ({});
  cloud.logger.lines.length = 0;
});

type Answer = Omit<ApiResponse, "body"> & {
  body: string;
  code: string | undefined;
  message: string | undefined;
};

async function send(
  body: string | Buffer,
  headers: Record<string, string>,
  url = "/",
  method = "POST",
): Promise<Answer> {
  const response = await cloud.handle({ method, url, headers, body: Buffer.from(body) });
  const answer = { ...response, body: String(response.body) };
  if (answer.headers["content-type"]?.includes("json")) {
    const { __type: code, message } = JSON.parse(answer.body || "{}") as Record<string, string>;
    return { ...answer, code, message };
  }
  const find = (tag: string) => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(answer.body)?.[1];
  return { ...answer, code: find("Code"), message: find("Message") };
}

const signed = (service: string, region = "us-east-1", key = "test") => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${key}/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

const ecr = (body: string | Buffer, operation = "CreateRepository") =>
  send(body, {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": `AmazonEC2ContainerRegistry_V20150921.${operation}`,
  });

const form = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
const ec2 = (body: string) => send(`Version=2016-11-15&${body}`, { ...form, ...signed("ec2") });
const elb = (body: string) => send(`Version=2015-12-01&${body}`, form);

describe("JSON that does not fit", () => {
  it.each([
    ["text that is not JSON", '{"repositoryName":', /^Unexpected token/],
    ["a list for the input", "[]", /^Start of list found/],
    ["a scalar for the input", "7", /^Unexpected value type/],
    ["null for the input", "null", /^Unexpected value type/],
    [
      "a number for a string",
      '{"repositoryName":7}',
      /^NUMBER_VALUE cannot be converted to String/,
    ],
    ["a list for a string", '{"repositoryName":["a"]}', /^Start of list found/],
    ["an object for a string", '{"repositoryName":{}}', /^Start of structure or map found/],
    ["an object for a list", '{"repositoryName":"a","tags":{}}', /^Start of structure or map/],
    ["text for a list", '{"repositoryName":"a","tags":"b"}', /^Unexpected value type/],
    ["null in a list", '{"repositoryName":"a","tags":[null]}', /^Unexpected value type/],
    [
      "text for a boolean",
      '{"repositoryName":"a","imageScanningConfiguration":{"scanOnPush":"true"}}',
      /^STRING_VALUE cannot be converted to Boolean/,
    ],
  ])("%s: SerializationException, nothing runs", async (_what, body, words) => {
    const answer = await ecr(body);
    expect(answer).toMatchObject({ status: 400, code: "SerializationException" });
    expect(answer.message).toMatch(words);
    expect(received).toBeUndefined();
  });

  it("a nesting that would exhaust the stack: no 500", async () => {
    for (const [depth, status] of [
      [20_000, 501],
      [100_000, 400],
    ] as const) {
      for (const [open, close] of [
        ["[", "]"],
        ['{"a":', "}"],
      ] as const) {
        const deep = `{"repositoryName":"a","zzz":${open.repeat(depth)}[1]${close.repeat(depth)}}`;
        expect((await ecr(deep)).status).toBe(status);
      }
    }
    expect(cloud.logger.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("bytes that are not UTF-8: SerializationException", async () => {
    const body = Buffer.from('{"repositoryName":"\xff"}', "latin1");
    expect(await ecr(body)).toMatchObject({ status: 400, code: "SerializationException" });
    expect(received).toBeUndefined();
  });

  it("null members: absent", async () => {
    await ecr('{"repositoryName":"a","tags":null}');
    expect(received).toEqual({ repositoryName: "a" });
  });

  it("__proto__ and constructor as keys: neither pollutes anything nor reaches the operation", async () => {
    const answer = await ecr('{"repositoryName":"a","__proto__":{"x":1},"constructor":{"y":2}}');
    expect(answer.status).toBe(501);
    expect(answer.message).toContain("__proto__, constructor");
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });
});

describe("queries that do not fit", () => {
  it("a broken escape: MalformedQueryString", async () => {
    const answer = await elb("Action=CreateTargetGroup&Name=%zz");
    expect(answer).toMatchObject({ status: 400, code: "MalformedQueryString" });
  });

  it("bytes that are not UTF-8: MalformedQueryString", async () => {
    const answer = await send(Buffer.from([0x41, 0x3d, 0xff]), form);
    expect(answer).toMatchObject({ status: 400, code: "MalformedQueryString" });
  });

  it("a text for a number: MalformedInput in a query, InvalidParameterValue in EC2", async () => {
    const inQuery = await elb("Action=CreateTargetGroup&Name=a&Port=eighty");
    expect(inQuery).toMatchObject({ status: 400, code: "MalformedInput" });
    expect(inQuery.message).toContain("'eighty' at 'Port'");
    const inEc2 = await ec2("Action=CreateVpc&CidrBlock=10.0.0.0/16&DryRun=maybe");
    expect(inEc2).toMatchObject({ status: 400, code: "InvalidParameterValue" });
    expect(inEc2.body).toMatch(/<Response><Errors><Error>.*<RequestID>[^<]+<\/RequestID>/s);
  });

  it.each([
    "Tags.entry.1.Key=a",
    "Tags.member.x.Key=a",
    "Tags.member.0.Key=a",
    "Tags=a",
    "Name.1=a",
  ])("%s where a list of members is wanted: MalformedInput", async (parameter) => {
    const answer = await elb(`Action=CreateTargetGroup&${parameter}`);
    expect(answer).toMatchObject({ status: 400, code: "MalformedInput" });
  });

  it("list members out of order and with gaps: in order of their numbers", async () => {
    await elb(
      "Action=CreateTargetGroup&Name=a&Tags.member.10.Key=c&Tags.member.2.Key=b&Tags.member.1.Key=a",
    );
    expect(received).toMatchObject({ Tags: [{ Key: "a" }, { Key: "b" }, { Key: "c" }] });
  });

  it("an empty value: present for text, an empty list for a list", async () => {
    await elb("Action=CreateTargetGroup&Name=&Tags=");
    expect(received).toEqual({ Name: "", Tags: [] });
  });

  it("a plus sign and an escape: a space and its character", async () => {
    await elb("Action=CreateTargetGroup&Name=a+b%2Bc%E3%81%82");
    expect(received).toEqual({ Name: "a b+cあ" });
  });

  it("a parameter that EC2 does not know: UnknownParameter", async () => {
    const answer = await ec2("Action=CreateVpc&CidrBlock=10.0.0.0/16&Foo.1.Bar=x");
    expect(answer).toMatchObject({ status: 400, code: "UnknownParameter" });
    expect(answer.message).toBe("The parameter Foo is not recognized");
  });

  it("names of a hundred parts and a hundred thousand parameters: refused", async () => {
    const deep = await elb(`Action=CreateTargetGroup&${"a.".repeat(100)}b=1`);
    expect(deep).toMatchObject({ status: 400, code: "MalformedQueryString" });
    const many = Array.from({ length: 100_000 }, (_, at) => `a${at}=1`).join("&");
    expect(await elb(many)).toMatchObject({ status: 400, code: "MalformedQueryString" });
  });
});

describe("required members that are missing", () => {
  it("JSON: ValidationException that names them all", async () => {
    const answer = await ecr('{"tags":[{"Value":"v"}]}');
    expect(answer).toMatchObject({ status: 400, code: "ValidationException" });
    expect(answer.message).toBe(
      "2 validation errors detected: Value null at 'repositoryName' failed to satisfy constraint: " +
        "Member must not be null; Value null at 'tags.1.member.key' failed to satisfy constraint: " +
        "Member must not be null",
    );
  });

  it("query: ValidationError", async () => {
    expect(await elb("Action=CreateTargetGroup&Port=80")).toMatchObject({
      status: 400,
      code: "ValidationError",
    });
  });

  it("EC2: MissingParameter with the parameter's name", async () => {
    expect(await ec2("Action=DeleteVpc")).toMatchObject({
      status: 400,
      code: "MissingParameter",
      message: "The request must contain the parameter VpcId",
    });
  });

  it("a service with words of its own: those", async () => {
    const [first] = services;
    if (!first) throw new Error("no service");
    const explain = (member: string, operation: string) =>
      new ApiError("ClientException", `${operation}: ${member} should not be null or empty.`);
    await using own = await startTestGateway([{ ...first, missingMember: explain }]);
    const answer = await own.handle({
      method: "POST",
      url: "/",
      headers: { "x-amz-target": "AmazonEC2ContainerRegistry_V20150921.CreateRepository" },
      body: Buffer.from('{"repositoryName":"a","tags":[{}]}'),
    });
    expect(JSON.parse(String(answer.body))).toEqual({
      __type: "ClientException",
      message: "CreateRepository: tags.1.Key should not be null or empty.",
    });
  });
});

describe("what is not built", () => {
  it("an operation that AWS has, JSON: 501 that names it", async () => {
    expect(await ecr("{}", "StartImageScan")).toMatchObject({
      status: 501,
      code: "UnknownOperationException",
      message: "Neargate does not have ecr:StartImageScan yet",
    });
  });

  it("an operation that AWS has, query and EC2: 501 InvalidAction", async () => {
    const answer = await elb("Action=DescribeCapacityReservation");
    expect(cloud.logger.lines.at(-1)?.fields).toMatchObject({
      service: "elbv2",
      operation: "DescribeCapacityReservation",
      status: 501,
    });
    expect(answer).toMatchObject({
      status: 501,
      code: "InvalidAction",
      message: "Neargate does not have elasticloadbalancing:DescribeCapacityReservation yet",
    });
    expect(await ec2("Action=RunInstances")).toMatchObject({ status: 501, code: "InvalidAction" });
  });

  it("an operation that AWS has not: 400", async () => {
    expect(await ecr("{}", "Nonsense")).toMatchObject({
      status: 400,
      code: "UnknownOperationException",
    });
    expect(await ecr("{}", "constructor")).toMatchObject({ status: 400 });
    expect(await elb("Action=Nonsense")).toMatchObject({ status: 400, code: "InvalidAction" });
    expect(await ec2("Action=Nonsense")).toMatchObject({
      status: 400,
      code: "InvalidAction",
      message: "The action Nonsense is not valid for this web service.",
    });
  });

  it("a service that is not here: 501 in the form that its clients read", async () => {
    const ssm = await send("{}", { "x-amz-target": "AmazonSSM.GetParameter", ...signed("ssm") });
    expect(ssm).toMatchObject({
      status: 501,
      message: "Neargate does not have ssm:GetParameter yet",
    });
    const rds = await send("Action=DescribeDBInstances&Version=2014-10-31", {
      ...form,
      ...signed("rds"),
    });
    expect(rds).toMatchObject({ status: 501, code: "InvalidAction" });
    const s3 = await send("", signed("s3"), "/bucket/key", "GET");
    expect(s3).toMatchObject({ status: 501, code: "NotImplemented" });
  });

  it("the other API under the same signing name: 501", async () => {
    const classic = await send("Action=DescribeLoadBalancers&Version=2012-06-01", {
      ...form,
      ...signed("elasticloadbalancing"),
    });
    expect(classic).toMatchObject({ status: 501, code: "InvalidAction" });
    expect(classic.message).toContain("version 2012-06-01");
  });

  it("a member that is not acted on: 501 that names it, nothing runs", async () => {
    const answer = await ecr('{"repositoryName":"a","imageTagMutability":"IMMUTABLE"}');
    expect(answer).toMatchObject({
      status: 501,
      code: "UnknownOperationException",
      message: "Neargate does not act on the member imageTagMutability of ecr:CreateRepository yet",
    });
    expect(received).toBeUndefined();
  });

  it("a member below one that is acted on in part: 501 with its path", async () => {
    const inJson = await ecr(
      '{"repositoryName":"a","imageScanningConfiguration":{"scanOnPush":true}}',
    );
    expect(inJson.message).toContain("imageScanningConfiguration.scanOnPush");
    const inEc2 = await ec2(
      "Action=CreateVpc&CidrBlock=10.0.0.0/16&TagSpecification.1.Tag.1.Key=a&TagSpecification.2.Tag.1.Key=b",
    );
    expect(inEc2).toMatchObject({
      status: 501,
      message: "Neargate does not act on the member TagSpecifications.Tags of ec2:CreateVpc yet",
    });
  });

  it("a member that is not acted on with a value that says nothing: as if absent", async () => {
    const answer = await ecr(
      '{"repositoryName":"a","imageTagMutability":"","imageScanningConfiguration":{"scanOnPush":false},"later":null}',
    );
    expect(answer.status).toBe(200);
  });
});

describe("finding the service of a query", () => {
  it.each([
    ["by the credential scope", "Action=DeleteVpc&VpcId=v", { ...form, ...signed("ec2") }],
    ["by the version", "Action=DeleteVpc&VpcId=v&Version=2016-11-15", form],
    ["by the host", "Action=DeleteVpc&VpcId=v", { ...form, host: "ec2.us-east-1.amazonaws.com" }],
  ])("%s: found", async (_how, body, headers) => {
    expect(await send(body, headers)).toMatchObject({ status: 200 });
    expect(received).toEqual({ VpcId: "v" });
  });

  it("parameters in the URL of a GET, presigned: found", async () => {
    const url =
      "/?Action=DeleteVpc&VpcId=v&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0" +
      "&X-Amz-Credential=test%2F20260101%2Fus-east-1%2Fec2%2Faws4_request";
    expect(await send("", {}, url, "GET")).toMatchObject({ status: 200 });
    expect(received).toEqual({ VpcId: "v" });
  });

  it("nothing that names an operation: 404 with a sentence", async () => {
    const answer = await send("", {}, "/", "GET");
    expect(answer).toMatchObject({ status: 404, code: "UnknownOperationException" });
  });
});

describe("signatures", () => {
  it.each(["Basic dGVzdA==", "AWS4-HMAC-SHA256 Credential=a/b", "AWS4-HMAC-SHA256 Signature=0"])(
    "%s: IncompleteSignature",
    async (authorization) => {
      const answer = await send("Action=DeleteVpc&VpcId=v", { ...form, authorization });
      expect(answer).toMatchObject({ status: 400, code: "IncompleteSignature" });
    },
  );

  const target = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "AmazonEC2ContainerRegistry_V20150921.CreateRepository",
  };
  const scope = "test/20260101/us-east-1";
  it.each([
    ["Bearer dGVzdA", 400, "IncompleteSignature", /^Invalid key=value pair \(missing equal-sign\)/],
    [
      "AWS4-HMAC-SHA256 Signature=0",
      400,
      "IncompleteSignature",
      /^Authorization header requires 'Credential' parameter\. Authorization header requires 'SignedHeaders'/,
    ],
    [
      "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0",
      400,
      "IncompleteSignature",
      /^Credential must have exactly 5 slash-delimited elements, .* got 'a\/b'$/,
    ],
    [
      `AWS4-HMAC-SHA256 Credential=${scope}/ecr/aws5_request, SignedHeaders=host, Signature=0`,
      "wrong scope",
      "SignatureDoesNotMatch",
      /^Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'/,
    ],
    [
      "AWS4-HMAC-SHA256 Credential=test/20260101/moon/ecr/aws4_request, SignedHeaders=host, Signature=0",
      "wrong scope",
      "SignatureDoesNotMatch",
      /^Credential should be scoped to a valid region, not 'moon'/,
    ],
  ])(
    "%s: refused in the words of the service that is asked",
    async (authorization, at, code, words) => {
      const asJson = await send("{}", { ...target, authorization });
      const isIncomplete = code === "IncompleteSignature";
      expect(asJson).toMatchObject({
        status: 400,
        code: isIncomplete ? "IncompleteSignatureException" : "InvalidSignatureException",
        message: expect.stringMatching(words),
      });
      const query = { ...form, authorization };
      const balancing = await send("Action=DescribeLoadBalancers&Version=2015-12-01", query);
      const status = at === 400 ? 400 : 403;
      expect(balancing).toMatchObject({ status, code, message: expect.stringMatching(words) });
      const network = await send("Action=DescribeVpcs&Version=2016-11-15", query);
      expect(network.body).toMatch(/<Response><Errors><Error><Code>(?:IncompleteSig|AuthFailure)/);
    },
  );

  it("for a service that has no such target, or takes no queries: unknown, or whose the version is", async () => {
    const stray = await send("{}", { ...target, "x-amz-target": "None_1.Do", ...signed("ecr") });
    expect(stray).toMatchObject({ status: 400, code: "UnknownOperationException" });
    const query = { ...form, ...signed("ecr") };
    const misplaced = await send("Action=GetCallerIdentity&Version=2011-06-15", query);
    expect(misplaced).toMatchObject({ status: 200 });
  });

  it("a region that cannot be one: 403", async () => {
    const headers = { ...form, ...signed("ec2", "../../etc") };
    expect((await send("Action=DeleteVpc&VpcId=v", headers)).status).toBe(400);
    const odd = { ...form, ...signed("ec2", "Mars") };
    expect(await send("Action=DeleteVpc&VpcId=v", odd)).toMatchObject({
      status: 403,
      code: "SignatureDoesNotMatch",
    });
  });

  it("key and region of the signature: the scope of the operation", async () => {
    const contexts: unknown[] = [];
    const sts: ServiceModule = {
      name: "sts",
      operations: {
        GetCallerIdentity: read<GetCallerIdentityRequest, GetCallerIdentityResponse>({
          ...everything,
          accepts: {},
          run: ({ scope, caller }) => {
            contexts.push({ scope, accessKeyId: caller.accessKeyId });
            return {};
          },
        }),
      },
    };
    await using own = await startTestGateway([sts]);
    const body = Buffer.from("Action=GetCallerIdentity&Version=2011-06-15");
    const call = (headers: Record<string, string>) =>
      own.handle({ method: "POST", url: "/", headers: { ...form, ...headers }, body });
    await call(signed("sts", "eu-west-1", "123456789012"));
    await call(signed("sts", "us-gov-west-1", "AKIAEXAMPLE"));
    await call({});
    expect(contexts).toEqual([
      { scope: { account: "123456789012", region: "eu-west-1" }, accessKeyId: "123456789012" },
      { scope: { account: "000000000000", region: "us-gov-west-1" }, accessKeyId: "AKIAEXAMPLE" },
      { scope: { account: "000000000000", region: "ap-northeast-1" }, accessKeyId: "" },
    ]);
  });
});

describe("answers", () => {
  it("EC2, an operation with nothing to say: return true, and the request's id twice", async () => {
    const answer = await ec2("Action=DeleteVpc&VpcId=v");
    const id = answer.headers["x-amzn-requestid"];
    expect(answer.body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
        '<DeleteVpcResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">' +
        `<requestId>${id}</requestId><return>true</return></DeleteVpcResponse>`,
    );
  });

  it("query: result and metadata; text that XML cannot hold is replaced", async () => {
    outcome = () => ({ TargetGroups: [{ TargetGroupName: 'a<&>"\u0001\r' }] });
    const answer = await elb("Action=CreateTargetGroup&Name=a");
    expect(answer.body).toContain(
      "<CreateTargetGroupResult><TargetGroups><member>" +
        "<TargetGroupName>a&lt;&amp;&gt;&quot;\uFFFD&#xD;</TargetGroupName>" +
        "</member></TargetGroups></CreateTargetGroupResult><ResponseMetadata><RequestId>",
    );
  });

  it("JSON: only members of the shape", async () => {
    outcome = () => ({ repository: { repositoryName: "a", createdAt: new Date(1500) }, secret: 1 });
    const answer = await ecr('{"repositoryName":"a"}');
    expect(answer.headers["content-type"]).toBe("application/x-amz-json-1.1");
    expect(JSON.parse(answer.body)).toEqual({
      repository: { repositoryName: "a", createdAt: 1.5 },
    });
  });
});

describe("errors", () => {
  const fail = (error: unknown) => {
    outcome = () => {
      throw error;
    };
  };

  it("a query error thrown by its shape's name: the code on the wire", async () => {
    fail(new ApiError("DuplicateTargetGroupNameException", "exists"));
    const answer = await elb("Action=CreateTargetGroup&Name=a");
    expect(answer).toMatchObject({ status: 400, code: "DuplicateTargetGroupName" });
    expect(answer.body).toMatch(
      /^<ErrorResponse xmlns="[^"]+"><Error><Type>Sender<\/Type><Code>.*<\/Error><RequestId>/,
    );
  });

  it("a query error thrown without a status: the status that AWS's model has for it", () => {
    const model = linkModel(loadModel("iam"));
    const thrown = new ApiError("NoSuchEntity", "The role with name x cannot be found.");
    const answer = queryCodec.encodeError(thrown, model, "id");
    expect(answer.status).toBe(404);
    expect(answer.body).toContain("<Code>NoSuchEntity</Code>");
  });

  it("members of an error: in the body", async () => {
    fail(new ApiError("KmsException", "no", { members: { kmsError: "disabled" } }));
    expect(JSON.parse((await ecr('{"repositoryName":"a"}')).body)).toEqual({
      __type: "KmsException",
      message: "no",
      kmsError: "disabled",
    });
  });

  it.each([
    new UnwritableStateError(new Error("database or disk is full")),
    new DriverError("unavailable", "log store: database or disk is full"),
  ])("a disk that is full: 503 that says so", async (error) => {
    fail(error);
    const answer = await ecr('{"repositoryName":"a"}');
    expect(answer).toMatchObject({ status: 503, code: "ServiceUnavailableException" });
    expect(answer.body).toContain("disk is full");
    cloud.logger.lines.splice(0);
  });

  it.each([
    ["JSON", () => ecr('{"repositoryName":"a"}'), "InternalFailure"],
    ["query", () => elb("Action=CreateTargetGroup&Name=a"), "InternalFailure"],
    ["EC2", () => ec2("Action=DeleteVpc&VpcId=v"), "InternalError"],
  ])(
    "%s, a mistake of ours: 500 that tells nothing, and a loud line in the log",
    async (_protocol, call, code) => {
      fail(new TypeError("secret of /the/path"));
      const answer = await call();
      expect(answer).toMatchObject({ status: 500, code });
      expect(answer.body).not.toMatch(/secret|path|TypeError|at /);
      const errors = cloud.logger.lines.splice(0).filter(({ level }) => level === "error");
      expect(errors).toHaveLength(1);
      expect(errors[0]?.fields["error"]).toBeInstanceOf(TypeError);
    },
  );
});
