/** HAProxy as the balancers' data plane, in namespaces made by hand. Needs root, HAProxy, iproute2. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findProcesses, runCommands } from "../../src/dataplane/loadbalancer/haproxy/calls.ts";
import { haproxyBalancer } from "../../src/dataplane/loadbalancer/haproxy/driver.ts";
import { filesIn } from "../../src/dataplane/loadbalancer/haproxy/names.ts";
import type {
  LoadBalancerDataplane,
  TargetObservation,
} from "../../src/dataplane/loadbalancer/port.ts";
import type { EdgePlan, ListenerPlan, TargetPlan } from "../../src/model/edge-plan.ts";
import type { Action, HealthCheck } from "../../src/model/load-balancing.ts";
import { realClock } from "../../src/seams/clock.ts";
import { processExec } from "../../src/seams/exec.ts";
import { recordingLogger } from "../../src/seams/logger.ts";
import { type Answer, type EdgeBench, edgeBench, request } from "./support/edge-bench.ts";
import { freePort } from "./support/free-port.ts";
import { killFound } from "./support/processes.ts";

const prefix = "arn:aws:elasticloadbalancing:eu-west-1:000000000000";
const balancerArn = `${prefix}:loadbalancer/app/web/00000000000000aa`;
const groupArn = `${prefix}:targetgroup/app/00000000000000bb`;
const listenerArn = (id: string): string => `${prefix}:listener/app/web/00000000000000aa/${id}`;
const hostName = "web-1234567890.eu-west-1.elb.localhost";
const zone = "eu-west-1a";
const check: HealthCheck = {
  enabled: true,
  protocol: "HTTP",
  port: "traffic-port",
  path: "/health",
  intervalSeconds: 1,
  timeoutSeconds: 1,
  healthyThreshold: 4,
  unhealthyThreshold: 2,
  matcher: "200",
};
const forward: Action = {
  type: "forward",
  targets: [{ targetGroupArn: groupArn, weight: 1 }],
  stickinessSeconds: undefined,
};

let bench: EdgeBench;
let balancer: LoadBalancerDataplane;
let port: number;
let listeners: ListenerPlan[];
let targets: TargetPlan[] = [];
const logger = recordingLogger();
const verdicts = new Map<string, TargetObservation["verdict"]>();

const newDriver = (): LoadBalancerDataplane =>
  haproxyBalancer({
    engineId: bench.engineId,
    stateDir: bench.stateDir,
    exec: processExec(),
    clock: realClock(),
    logger,
    metadataSocket: path.join(bench.stateDir, "metadata.sock"),
  });

function follow(driver: LoadBalancerDataplane): void {
  driver.watch((observations) => {
    for (const one of observations) {
      verdicts.set(`${one.address}/${one.registeredAt}`, one.verdict);
    }
  });
}

const plan = (): EdgePlan => ({
  balancers: [
    {
      arn: balancerArn,
      vpcId: bench.vpcId,
      hostNames: [hostName, hostName.replace("localhost", "amazonaws.com")],
      nodes: [
        {
          interfaceId: bench.interfaceId,
          address: bench.nodeAddress,
          availabilityZone: zone,
        },
      ],
      listeners,
      idleTimeoutSeconds: 10,
      forwardedFor: "append",
      forwardedClientPort: false,
      dropInvalidHeaders: false,
    },
  ],
  targetGroups: [
    { arn: groupArn, balancerArn, healthCheck: check, algorithm: "round_robin", targets },
  ],
  metadata: [{ vpcId: bench.vpcId, endpoints: [] }],
});

const apply = (): Promise<void> => balancer.apply(plan());

const target = (address: string, duty: TargetPlan["duty"], registeredAt = 1): TargetPlan => ({
  address,
  port: 80,
  availabilityZone: zone,
  registeredAt,
  duty,
  failing: false,
});

const listener = (id: string, change: Partial<ListenerPlan> = {}): ListenerPlan => ({
  arn: listenerArn(id),
  port,
  defaultAction: forward,
  openToHost: true,
  ...change,
});

const ask = (options: Parameters<typeof request>[0] = {}): Promise<Answer> =>
  request({
    host: "127.0.0.1",
    port,
    path: "/hello?x=1",
    ...options,
    headers: { host: `${hostName}:${port}`, ...options.headers },
  });

const answeredBy = async (): Promise<string> => JSON.parse((await ask()).body).address;

async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const begun = performance.now();
  while (!(await isTrue())) {
    if (performance.now() - begun > 60_000) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** How many health checks have reached a target, asked of the target itself. */
const checksOf = async (address: string): Promise<number> =>
  JSON.parse(await bench.runInside("curl", ["-s", "-m", "30", `http://${address}/`])).seen.length;

/** Waits until it is true; the number of checks the target had seen at the last look before. */
async function checksUntil(address: string, what: string, isTrue: () => boolean): Promise<number> {
  let checks = 0;
  await until(what, async () => {
    if (isTrue()) return true;
    checks = await checksOf(address);
    return false;
  });
  return checks;
}

/** Whether the verdict of `<address>/<registration>` has these members. */
const says = (key: string, expected: Partial<TargetObservation["verdict"]>) => (): boolean => {
  const verdict = verdicts.get(key);
  return (
    verdict !== undefined &&
    Object.entries(expected).every(([name, value]) =>
      Object.entries(verdict).some(([n, v]) => n === name && v === value),
    )
  );
};

const serverLines = async (): Promise<string[]> =>
  (await runCommands(filesIn(bench.stateDir).adminSocket, ["show stat -1 4 -1"]))
    .split("\n")
    .filter((line) => line.startsWith("group_"));

/** Status of the group's servers by name, without how far they are to the next; fail-open ones aside. */
const states = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await serverLines())
      .map((line) => line.split(","))
      .filter(([backend]) => !backend?.endsWith("_open"))
      .map((fields) => [fields[1], fields[17]?.split(" ")[0]]),
  );

const pid = (): number[] => findProcesses(filesIn(bench.stateDir));

beforeAll(async () => {
  bench = edgeBench();
  port = await freePort();
  listeners = [listener("0000000000000001")];
  balancer = newDriver();
  follow(balancer);
  await balancer.start();
  await Promise.all([bench.startTarget("10.77.0.11"), bench.startTarget("10.77.0.12")]);
});

afterAll(async () => {
  await balancer.stop({ removeAll: true });
  expect(pid()).toEqual([]);
  bench.remove();
});

describe("a new target", () => {
  it("no target at all: 503 in the balancer's own words", async () => {
    await apply();
    const answer = await ask();
    expect(answer.status).toBe(503);
    expect(answer.headers["server"]).toBe("awselb/2.0");
    expect(answer.body).toContain("503 Service Temporarily Unavailable");
  });

  it("waiting: checked at once, and no request until it is told to serve", async () => {
    targets = [target("10.77.0.11", "waiting")];
    await apply();
    const isPassing = says("10.77.0.11/1", { type: "passing" });
    // Later ones need as many successes as the threshold says.
    const checks = await checksUntil("10.77.0.11", "passing", isPassing);
    expect(checks).toBeLessThan(check.healthyThreshold);
    expect((await ask()).status).toBe(503);
    targets = [target("10.77.0.11", "serving")];
    await apply();
    expect(await answeredBy()).toBe("10.77.0.11");
  });

  it("requests and checks: they look as a load balancer's do", async () => {
    const answer = await ask({ headers: { "x-forwarded-for": "198.51.100.7" } });
    const { headers, client, seen } = JSON.parse(answer.body);
    expect(client).toBe(bench.nodeAddress);
    expect(headers).toMatchObject({
      host: `${hostName}:${port}`,
      "x-forwarded-for": "198.51.100.7, 203.0.113.1",
      "x-forwarded-proto": "http",
      "x-forwarded-port": String(port),
    });
    expect(headers["x-amzn-trace-id"]).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    expect(answer.headers["server"]).toBe("target/1");
    expect(seen[0]).toEqual({
      host: "10.77.0.11:80",
      agent: "ELB-HealthChecker/2.0",
      from: bench.nodeAddress,
      url: "/health",
    });
    const traced = await ask({ headers: { "x-amzn-trace-id": "Self=1-a;Root=1-b-c" } });
    expect(JSON.parse(traced.body).headers["x-amzn-trace-id"]).toMatch(
      /^Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-b-c$/,
    );
  });

  it("failing from the start: unhealthy only after all its failures, and no request", async () => {
    await bench.setMode("10.77.0.12", "503");
    targets = [target("10.77.0.11", "serving"), target("10.77.0.12", "waiting")];
    await apply();
    await until("failing", says("10.77.0.12/1", { type: "failing", cause: "code", code: 503 }));
    expect(await checksOf("10.77.0.12")).toBeGreaterThanOrEqual(2);
    targets = [target("10.77.0.11", "serving"), target("10.77.0.12", "serving")];
    await apply();
    for (let turn = 0; turn < 6; turn++) expect(await answeredBy()).toBe("10.77.0.11");
  });
});

describe("a reload", () => {
  it("targets of every kind: none forgets its health, the unhealthy one gets no request", async () => {
    await bench.startTarget("10.77.0.13");
    await bench.setMode("10.77.0.13", "500");
    targets = [...targets, target("10.77.0.13", "waiting")];
    await apply();
    const before = await states();
    const [first] = pid();
    listeners = [...listeners, listener("0000000000000002", { port: await freePort() })];
    await apply();
    expect(await states()).toEqual({ ...before });
    expect(before).toMatchObject({
      "10.77.0.11_80_1": "UP",
      "10.77.0.12_80_1": "DOWN",
    });
    expect(before["10.77.0.13_80_1"]).toBe("DRAIN");
    for (let turn = 0; turn < 6; turn++) expect(await answeredBy()).toBe("10.77.0.11");
    await until("the old process to go", () => !pid().includes(first ?? 0));
    targets = targets.slice(0, 2);
    await apply();
  });

  it("under load, closing connections: no request is lost", async () => {
    const failed: string[] = [];
    let done = 0;
    let goOn = true;
    const client = async (): Promise<void> => {
      while (goOn) {
        const outcome = await ask().then(
          (answer) => String(answer.status),
          (error: Error) => error.message,
        );
        done += 1;
        if (outcome !== "200") failed.push(outcome);
      }
    };
    const clients = Promise.all(Array.from({ length: 8 }, client));
    for (let turn = 0; turn < 5 || done <= 100; turn++) {
      listeners = [
        listener("0000000000000001"),
        listener("0000000000000002", { port: await freePort() }),
      ];
      await apply();
    }
    goOn = false;
    await clients;
    expect(failed).toEqual([]);
  });

  it("recovery after it: the healthy threshold counts, then requests come by themselves", async () => {
    const before = await checksOf("10.77.0.12");
    await bench.setMode("10.77.0.12", "200");
    await until("passing", says("10.77.0.12/1", { type: "passing" }));
    expect((await checksOf("10.77.0.12")) - before).toBeGreaterThanOrEqual(4);
    const seen = new Set<string>();
    for (let turn = 0; turn < 4; turn++) seen.add(await answeredBy());
    expect(seen).toEqual(new Set(["10.77.0.11", "10.77.0.12"]));
  });
});

describe("failing targets", () => {
  it("no answer: timeout; nothing listens: connection, and the client gets 502", async () => {
    await bench.setMode("10.77.0.11", "hang");
    await bench.stopTarget("10.77.0.12");
    expect(
      await Promise.all([ask(), ask()]).then((both) => both.map(({ status }) => status).sort()),
    ).toEqual([502, 504]);
    await until("timeout", says("10.77.0.11/1", { type: "failing", cause: "timeout" }));
    await until("connection", says("10.77.0.12/1", { type: "failing", cause: "connection" }));
  });

  it("none passes: all of them get requests", async () => {
    await bench.startTarget("10.77.0.12");
    await bench.setMode("10.77.0.12", "503");
    await bench.setMode("10.77.0.11", "503");
    await until("failing", says("10.77.0.11/1", { type: "failing", cause: "code" }));
    const seen = new Set<string>();
    for (let turn = 0; turn < 4; turn++) seen.add(await answeredBy());
    expect(seen).toEqual(new Set(["10.77.0.11", "10.77.0.12"]));
    await bench.setMode("10.77.0.12", "200");
    await bench.setMode("10.77.0.11", "200");
    await until("passing", says("10.77.0.11/1", { type: "passing" }));
    await until("passing", says("10.77.0.12/1", { type: "passing" }));
  });
});

describe("draining", () => {
  it("a request under way: it ends well; new ones go elsewhere; then the server is gone", async () => {
    const slow = Promise.all([
      ask({ path: "/slow?delay=1500" }),
      ask({ path: "/slow?delay=1500" }),
    ]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    targets = [target("10.77.0.11", "serving"), target("10.77.0.12", "draining")];
    await apply();
    for (let turn = 0; turn < 4; turn++) expect(await answeredBy()).toBe("10.77.0.11");
    expect((await slow).map(({ status }) => status)).toEqual([200, 200]);
    targets = [target("10.77.0.11", "serving")];
    await apply();
    await until("deleted", async () => Object.keys(await states()).length === 1);
  });

  it("the address registered again: a new registration, checked anew", async () => {
    targets = [target("10.77.0.11", "serving"), target("10.77.0.12", "waiting", 2)];
    await apply();
    await until("passing", says("10.77.0.12/2", { type: "passing" }));
    for (let turn = 0; turn < 4; turn++) expect(await answeredBy()).toBe("10.77.0.11");
  });
});

describe("the host's side", () => {
  it("an unknown name: 404; the gateway's socket: by name and by port", async () => {
    expect((await ask({ headers: { host: "other.localhost" } })).status).toBe(404);
    const socketPath = filesIn(bench.stateDir).gatewaySocket;
    const byName = { socketPath, headers: { host: hostName } };
    expect((await ask({ ...byName, host: undefined, port: undefined })).status).toBe(200);
    const byPort = { socketPath, headers: { host: hostName, "x-neargate-port": String(port) } };
    expect((await ask({ ...byPort, host: undefined, port: undefined })).status).toBe(200);
    const wrong = { socketPath, headers: { host: hostName, "x-neargate-port": "1" } };
    expect((await ask({ ...wrong, host: undefined, port: undefined })).status).toBe(404);
  });

  it("a way that is closed: silence, while the VPC still reaches the balancer", async () => {
    listeners = [listener("0000000000000001", { openToHost: false })];
    await apply();
    await expect(ask({ timeoutMs: 1500 })).rejects.toThrow("timed out");
    const inside = await bench.runInside("curl", ["-s", `http://${bench.nodeAddress}:${port}/`]);
    expect(JSON.parse(inside).headers["x-forwarded-for"]).toBe("10.77.0.2");
    listeners = [listener("0000000000000001")];
    await apply();
    expect((await ask()).status).toBe(200);
  });

  it("a port taken by another: named among the problems, bound once it is free", async () => {
    const taken = await freePort();
    const holder = net.createServer().listen(taken, "127.0.0.1");
    await new Promise((resolve) => holder.once("listening", resolve));
    listeners = [listener("0000000000000001"), listener("0000000000000003", { port: taken })];
    await apply();
    expect(balancer.problems()).toEqual([
      { port: taken, reason: `port ${taken} is taken by another process` },
    ]);
    expect((await ask()).status).toBe(200);
    await new Promise((resolve) => holder.close(resolve));
    await until("bound", () => balancer.problems().length === 0);
    const answer = await request({
      host: "127.0.0.1",
      port: taken,
      headers: { host: hostName },
    });
    expect(answer.status).toBe(200);
  });

  it("actions without targets: fixed responses, redirects, weights", async () => {
    const [fixed, redirect, none] = await Promise.all([freePort(), freePort(), freePort()]);
    listeners = [
      listener("0000000000000001"),
      listener("0000000000000004", {
        port: fixed,
        defaultAction: {
          type: "fixed-response",
          statusCode: "418",
          contentType: "text/plain",
          messageBody: 'I\'m 100% "teapot"\n$HOME #{host} é',
        },
      }),
      listener("0000000000000005", {
        port: redirect,
        defaultAction: {
          type: "redirect",
          protocol: "HTTPS",
          port: "443",
          host: "#{host}",
          path: "/new/#{path}",
          query: "#{query}",
          statusCode: "HTTP_301",
        },
      }),
      listener("0000000000000006", {
        port: none,
        defaultAction: {
          type: "forward",
          targets: [{ targetGroupArn: groupArn, weight: 0 }],
          stickinessSeconds: undefined,
        },
      }),
    ];
    await apply();
    const teapot = await ask({ port: fixed });
    expect(teapot).toMatchObject({ status: 418, body: 'I\'m 100% "teapot"\n$HOME #{host} é' });
    expect(teapot.headers).toMatchObject({ server: "awselb/2.0", "content-type": "text/plain" });
    const moved = await ask({ port: redirect, path: "/a/b?c=%20d" });
    expect(moved.status).toBe(301);
    expect(moved.headers["location"]).toBe(`https://${hostName}:443/new/a/b?c=%20d`);
    const bare = await ask({ port: redirect, path: "/a" });
    expect(bare.headers["location"]).toBe(`https://${hostName}:443/new/a`);
    expect((await ask({ port: none })).status).toBe(503);
  });
});

describe("a target that cannot be connected to", () => {
  it("dropped packets: 504 after the time to connect; a closed port: 502 at once", async () => {
    bench.dropPort(81);
    const [dropped, closed] = [
      { ...target("10.77.0.11", "serving", 5), port: 81 },
      { ...target("10.77.0.11", "serving", 5), port: 82 },
    ];
    const kept = targets;
    targets = [dropped];
    await apply();
    const late = await ask();
    expect(late).toMatchObject({
      status: 504,
      body: expect.stringContaining("504 Gateway Time-out"),
    });
    expect(late.headers["server"]).toBe("awselb/2.0");
    targets = [closed];
    await apply();
    const refused = await ask();
    expect(refused).toMatchObject({
      status: 502,
      body: expect.stringContaining("502 Bad Gateway"),
    });
    targets = kept;
    await apply();
  });
});

describe("task metadata", () => {
  it("a connection to 169.254.170.2: it arrives with the task's address and its VPC", async () => {
    const arrived = Promise.withResolvers<Buffer>();
    const server = net.createServer((socket) => {
      socket.once("data", (data) => {
        socket.end("HTTP/1.1 204 No Content\r\n\r\n");
        server.close();
        arrived.resolve(data);
      });
    });
    server.listen(path.join(bench.stateDir, "metadata.sock"));
    await once(server, "listening");
    await bench.runInside("curl", ["-s", "-m", "30", "http://169.254.170.2/v4/abc"]);
    const header = await arrived.promise;
    expect([...header.subarray(16, 20)]).toEqual([169, 254, 170, 9]);
    expect(header.toString("latin1")).toContain(bench.vpcId);
  });
});

describe("several groups", () => {
  it("weights: requests in proportion, and a group without targets answers 503", async () => {
    const weighted = await freePort();
    const other = groupArn.replace("bb", "dd");
    listeners = [
      listener("0000000000000001"),
      listener("0000000000000007", {
        port: weighted,
        defaultAction: {
          type: "forward",
          targets: [
            { targetGroupArn: groupArn, weight: 3 },
            { targetGroupArn: other, weight: 1 },
          ],
          stickinessSeconds: undefined,
        },
      }),
    ];
    const present = plan();
    const [group] = present.targetGroups;
    await balancer.apply({
      ...present,
      targetGroups: group ? [group, { ...group, arn: other, targets: [] }] : [],
    });
    const statuses: number[] = [];
    for (let turn = 0; turn < 80; turn++) statuses.push((await ask({ port: weighted })).status);
    const refused = statuses.filter((status) => status === 503).length;
    expect(statuses.filter((status) => status === 200).length).toBe(80 - refused);
    expect(refused).toBeGreaterThan(5);
    expect(refused).toBeLessThan(40);
  });
});

describe("the engine's end", () => {
  it("another engine on the same directory: it adopts the process, with what it knows", async () => {
    listeners = [listener("0000000000000001")];
    await apply();
    await balancer.stop({ removeAll: false });
    expect((await ask()).status).toBe(200);
    const before = pid();
    verdicts.clear();
    balancer = newDriver();
    follow(balancer);
    await balancer.start();
    await apply();
    expect(pid()).toEqual(before);
    await until("passing", says("10.77.0.11/1", { type: "passing" }));
  });

  it("HAProxy killed: it comes back by itself, targets as they were", async () => {
    for (const one of pid()) killFound(one);
    await until("serving", () =>
      ask().then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    const file = readFileSync(filesIn(bench.stateDir).configuration, "utf8");
    expect(file).toContain("server 10.77.0.11_80_1 10.77.0.11:80");
  });
});
