/** The door by which tasks come to AWS's APIs: what holds at the front holds here, over connections handed on. */
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ApiOptions, createApi } from "../gateway/gateway.ts";
import type { Task } from "../model/ecs.ts";
import { type ManualClock, manualClock } from "../seams/clock.ts";
import { sequentialIds } from "../seams/ids.ts";
import { recordingLogger } from "../seams/logger.ts";
import { memorySealing } from "../seams/sealing.ts";
import { stsService } from "../services/sts/service.ts";
import { openStore, type Store, type WriteTransaction } from "../state/store.ts";
import { networkInterfaces, vpcEndpoints } from "../state/tables/network.ts";
import { createTaskApi, type TaskApi } from "./task-api.ts";

const caller = { vpcId: "vpc-a", address: "10.0.1.4", calledAddress: "169.254.170.2" };
const call = "Action=GetCallerIdentity&Version=2011-06-15";
const head = (length: number): string =>
  "POST / HTTP/1.1\r\nHost: 169.254.170.2\r\nContent-Type: application/x-www-form-urlencoded\r\n" +
  `Content-Length: ${length}\r\n\r\n`;

/** An endpoint to STS at 10.0.1.9. */
function putEndpoint(tx: WriteTransaction, policy: string): void {
  const at = {
    account: "000000000000",
    region: "us-east-1",
    tags: [],
    createdAt: 0,
    vpcId: "vpc-a",
  };
  tx.table(vpcEndpoints).put({
    ...at,
    vpcEndpointId: "vpce-1",
    serviceName: "com.amazonaws.us-east-1.sts",
    policy,
    type: "interface",
    subnetIds: ["subnet-a"],
    groupIds: [],
    networkInterfaceIds: ["eni-1"],
    privateDnsEnabled: true,
  });
  tx.table(networkInterfaces).put({
    ...at,
    networkInterfaceId: "eni-1",
    subnetId: "subnet-a",
    availabilityZone: "us-east-1a",
    privateIp: "10.0.1.9",
    macAddress: "0a:00:00:00:00:01",
    groupIds: [],
    description: "",
    owner: { type: "vpc-endpoint", vpcEndpointId: "vpce-1" },
    publicIp: undefined,
    sourceDestCheck: true,
    status: "in-use",
    attachmentId: undefined,
  });
}

type Talk = Socket & { text: string; isClosed: boolean };

describe("the task API's door", () => {
  let clock: ManualClock;
  let store: Store;
  let api: TaskApi;
  let listener: Server;
  let calledAddress: string;
  const sockets: Talk[] = [];
  beforeEach(async () => {
    clock = manualClock();
    store = openStore(undefined);
    const options: ApiOptions = {
      services: [stsService({ sealing: memorySealing() })],
      store,
      clock,
      ids: sequentialIds(),
      logger: recordingLogger(),
      endpoint: () => ({ host: "127.0.0.1", port: 4566 }),
      defaults: { account: "000000000000", region: "us-east-1" },
    };
    // Long enough for those who are only held up by a busy machine.
    const headers = { timeoutMs: 4_000, checkEveryMs: 50 };
    const task = {} as Task;
    api = createTaskApi({ ...options, headers }, { api: createApi(options) }, () => task);
    calledAddress = caller.calledAddress;
    listener = createServer((socket) => api.connect(socket, { ...caller, calledAddress }));
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await api.close();
    await new Promise((resolve) => listener.close(resolve));
    store.close();
  });

  const open = (first: string): Talk => {
    const address = listener.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const socket = Object.assign(connect(port, "127.0.0.1"), { text: "", isClosed: false });
    sockets.push(socket);
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      socket.text += chunk;
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      socket.isClosed = true;
    });
    socket.write(first);
    return socket;
  };
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const answered = async (): Promise<void> => {
    const quick = open(`${head(call.length)}${call}`);
    await until(() => quick.text.includes("</GetCallerIdentityResponse>"));
  };

  it("headers that do not end, on a new connection and on a used one: 408, and others are answered", async () => {
    const fresh = open("POST / HTTP/1.1\r\nHo");
    const used = open(`${head(call.length)}${call}`);
    await until(() => used.text.includes("</GetCallerIdentityResponse>"));
    used.write("POST / HTTP/1.1\r\nHo");
    await answered();
    await until(() => fresh.isClosed && used.isClosed);
    expect(fresh.text).toMatch(/^HTTP\/1.1 408 /);
    expect(used.text.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 408"]);
  });

  it("headers that are too large: 431", async () => {
    const many = open(`POST / HTTP/1.1\r\n${"X-A: b\r\n".repeat(10_000)}`);
    await until(() => many.isClosed);
    expect(many.text).toMatch(/^HTTP\/1.1 431 /);
  });

  it("a call by a VPC endpoint: its policy has a say, of the account itself and in what needs no permission", async () => {
    calledAddress = "10.0.1.9";
    const identity = async (Statement: object): Promise<string> => {
      store.write((tx) => putEndpoint(tx, JSON.stringify({ Statement })));
      const talk = open(`${head(call.length)}${call}`);
      await until(() => /<\/(?:GetCallerIdentity|Error)Response>/.test(talk.text));
      return talk.text;
    };
    const anyone = { Effect: "Allow", Principal: "*", Resource: "*" };
    expect(await identity({ ...anyone, Action: "sts:AssumeRole" })).toMatch(
      /^HTTP\/1.1 403 [\s\S]*<Message>User: arn:aws:iam::000000000000:root is not authorized to perform: sts:GetCallerIdentity on resource: \* because no VPC endpoint policy allows the sts:GetCallerIdentity action</,
    );
    const Action = "sts:GetCallerIdentity";
    expect(await identity({ ...anyone, Action })).toMatch(/^HTTP\/1.1 200 /);
    const from = (address: string) => ({
      ...{ ...anyone, Action },
      Condition: { IpAddress: { "aws:VpcSourceIp": address } },
    });
    expect(await identity(from("10.0.2.0/24"))).toMatch(/^HTTP\/1.1 403 /);
    expect(await identity(from("10.0.1.4"))).toMatch(/^HTTP\/1.1 200 /);
  });

  it("a body that does not end, or is announced too large: 408, 413", async () => {
    const slow = open(`${head(1_000)}abc`);
    const large = open(head(100_000_000));
    await answered();
    while (!slow.isClosed) await clock.advance(10_000);
    await until(() => large.text !== "");
    expect(slow.text).toMatch(/^HTTP\/1.1 408 /);
    expect(large.text).toMatch(/^HTTP\/1.1 413 /);
  });
});
