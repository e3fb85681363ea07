/** The hello-fargate service is not a picture of a network: addresses, rules and routes are real. */
import { createServer, type Server } from "node:net";
import { FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateRouteCommand,
  DeleteRouteCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkInterfacesCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import type { Task } from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { containsAddress, parseAddress, parseCidr } from "../../src/model/cidr.ts";
import { detail, get, type Hello, idOf, makeHello, taskOf } from "./support/hello.ts";
import { type LiveEngine, runOk, startLiveEngine, until } from "./support/live-engine.ts";

let engine: LiveEngine;
let hello: Hello;
let other: Hello;

beforeAll(async () => {
  engine = await startLiveEngine();
  hello = await makeHello(engine, "hello-one");
  // A second stack with the same CIDR, on the same host port.
  other = await makeHello(engine, "hello-two");
});
afterAll(async () => engine?.[Symbol.asyncDispose]());

/** Process id of a task's container, as the container runtime has it. */
async function pidOf(task: Task): Promise<string> {
  const id = (
    await engine.docker([
      "ps",
      "-q",
      "--filter",
      `label=neargate.task=${idOf(task)}`,
      "--filter",
      "label=neargate.container=web",
    ])
  ).stdout.trim();
  return (await engine.docker(["inspect", "--format", "{{.State.Pid}}", id])).stdout.trim();
}

const inTask = async (task: Task, ...command: string[]): Promise<string> =>
  runOk("nsenter", ["--target", await pidOf(task), "--net", "--mount", ...command]);

async function interfacesOf(description: string) {
  const { NetworkInterfaces = [] } = await hello.clients.ec2.send(
    new DescribeNetworkInterfacesCommand({}),
  );
  return NetworkInterfaces.filter((one) => one.Description?.includes(description));
}

describe("hello-fargate on real containers", () => {
  it("both tasks: answer in turn", async () => {
    const seen = new Set<string | undefined>();
    for (let turn = 0; turn < 4; turn++) seen.add(taskOf(await get(hello.url)));
    expect([...seen].toSorted()).toEqual((await hello.tasks()).map(idOf).toSorted());
  });

  it("two stacks with one CIDR: told apart by name on the same port", async () => {
    const mine = new Set((await hello.tasks()).map(idOf));
    const theirs = new Set((await other.tasks()).map(idOf));
    for (let turn = 0; turn < 4; turn++) {
      expect(mine).toContain(taskOf(await get(hello.url)));
      expect(theirs).toContain(taskOf(await get(other.url)));
    }
  });

  it("a task's address: the same in the container, ECS, EC2, ELB and the metadata, inside its subnet", async () => {
    for (const task of await hello.tasks()) {
      const address = detail(task, "privateIPv4Address") ?? "";
      expect(await inTask(task, "ip", "-o", "-4", "addr", "show", "eth0")).toContain(
        ` ${address}/`,
      );
      const { NetworkInterfaces } = await hello.clients.ec2.send(
        new DescribeNetworkInterfacesCommand({
          NetworkInterfaceIds: [detail(task, "networkInterfaceId") ?? ""],
        }),
      );
      expect(NetworkInterfaces?.[0]?.PrivateIpAddress).toBe(address);
      expect((await hello.targets()).map((target) => target.Target?.Id)).toContain(address);
      expect(await metadataOf(task)).toContain(`"${address}"`);
      const block = parseCidr(
        detail(task, "subnetId") === hello.made.id("aws_subnet.private-a")
          ? "10.0.10.0/24"
          : "10.0.11.0/24",
      );
      expect(block && containsAddress(block, parseAddress(address) ?? 0)).toBe(true);
    }
  });

  it("what the app sees: requests and probes from the balancer's interfaces, the client as 203.0.113.1", async () => {
    const balancer = (await interfacesOf("ELB app/hello-one/")).map((one) => one.PrivateIpAddress);
    const answer = await get(hello.url);
    expect(balancer).toContain(/connection from: (\S+)/.exec(answer.body)?.[1]);
    expect(answer.body).toContain("client: 203.0.113.1");
    const { events = [] } = await until("the probes are in the log", 20_000, async () => {
      const page = await hello.clients.logs.send(
        new FilterLogEventsCommand({
          logGroupName: "/ecs/hello-one",
          filterPattern: '"ELB-HealthChecker/2.0"',
        }),
      );
      return page.events?.length ? page : undefined;
    });
    for (const event of events)
      expect(balancer).toContain(/from (\S+) agent/.exec(event.message ?? "")?.[1]);
  });

  it("another stack's same address: not reached from this one", async () => {
    const [task] = await hello.tasks();
    const addresses = (await other.tasks()).map((one) => detail(one, "privateIPv4Address"));
    const own = new Set((await hello.tasks()).map((one) => detail(one, "privateIPv4Address")));
    const theirs = addresses.find((address) => address && !own.has(address));
    if (!task) throw new Error("no task");
    const stranger = await connectFrom(task, theirs ?? "10.0.10.200", 80);
    expect(stranger).toMatch(/^not connected/);
    // The same address in both: the answer comes from this stack's task, never the other's.
    const ids = new Set((await hello.tasks()).map(idOf));
    for (let turn = 0; turn < 6; turn++) expect(ids).toContain(taskOf(await get(hello.url)));
  });

  it("the app group's rule revoked: targets time out; authorised again: healed, no task restarted", async () => {
    const tasks = (await hello.tasks()).map((task) => task.taskArn);
    const rule = {
      GroupId: hello.made.id("aws_security_group.app"),
      IpPermissions: [
        {
          IpProtocol: "tcp",
          FromPort: 80,
          ToPort: 80,
          UserIdGroupPairs: [{ GroupId: hello.made.id("aws_security_group.balancer") }],
        },
      ],
    };
    await hello.clients.ec2.send(new RevokeSecurityGroupIngressCommand(rule));
    // Three failures, five seconds apart, each of up to two seconds.
    await until("both targets are unhealthy", 25_000, async () => {
      const states = (await hello.targets()).map(
        (target) => `${target.TargetHealth?.State} ${target.TargetHealth?.Reason}`,
      );
      return states.length === 2 && states.every((state) => state === "unhealthy Target.Timeout");
    });
    await hello.clients.ec2.send(new AuthorizeSecurityGroupIngressCommand(rule));
    await until("both targets are healthy", 25_000, async () =>
      (await hello.targets()).every((target) => target.TargetHealth?.State === "healthy"),
    );
    expect((await hello.tasks()).map((task) => task.taskArn).toSorted()).toEqual(tasks.toSorted());
  });

  it("the balancer's rule revoked: a client gets silence, not a refusal; authorised again: answered", async () => {
    const rule = {
      GroupId: hello.made.id("aws_security_group.balancer"),
      IpPermissions: [
        { IpProtocol: "tcp", FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: "0.0.0.0/0" }] },
      ],
    };
    await hello.clients.ec2.send(new RevokeSecurityGroupIngressCommand(rule));
    await until("requests time out", 5_000, async () => {
      const outcome = await get(hello.url, 1_500).then(
        () => "answered",
        (error: Error) => error.message,
      );
      return outcome === "timed out";
    });
    expect(taskOf(await get(other.url))).toBeDefined();
    await hello.clients.ec2.send(new AuthorizeSecurityGroupIngressCommand(rule));
    await until("requests are answered", 5_000, async () =>
      get(hello.url, 1_500).then(
        (answer) => answer.status === 200,
        () => false,
      ),
    );
  });

  it("the private default route deleted: an outbound connection that worked stops; made again: works", async () => {
    const outside = await listenOutside();
    const [task] = await hello.tasks();
    if (!task) throw new Error("no task");
    const RouteTableId = hello.made.id("aws_route_table.private");
    await until("the way out is open", 10_000, async () =>
      (await connectFrom(task, outside.address, outside.port)).startsWith("connected"),
    );
    await hello.clients.ec2.send(
      new DeleteRouteCommand({ RouteTableId, DestinationCidrBlock: "0.0.0.0/0" }),
    );
    await until("the way out is closed", 10_000, async () =>
      (await connectFrom(task, outside.address, outside.port)).includes("not connected"),
    );
    const { NatGateways } = await hello.clients.ec2.send(new DescribeNatGatewaysCommand({}));
    const NatGatewayId = NatGateways?.find(
      (gateway) => gateway.VpcId === hello.made.id("aws_vpc.main"),
    )?.NatGatewayId;
    await hello.clients.ec2.send(
      new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: "0.0.0.0/0", NatGatewayId }),
    );
    await until("the way out is open", 10_000, async () =>
      (await connectFrom(task, outside.address, outside.port)).startsWith("connected"),
    );
    await outside.close();
  });
});

/** What the metadata endpoint tells the task of itself. */
async function metadataOf(task: Task): Promise<string> {
  const program = `
    use IO::Socket::INET;
    local $/;
    open my $file, "<", "/proc/1/environ" or die;
    my ($path) = <$file> =~ m{ECS_CONTAINER_METADATA_URI_V4=http://[^/]+(/[^\\0]+)} or die "no URI";
    my $socket = IO::Socket::INET->new(PeerAddr => "169.254.170.2", PeerPort => 80, Timeout => 30) or die "no answer";
    print $socket "GET $path/task HTTP/1.0\\r\\nHost: 169.254.170.2\\r\\n\\r\\n";
    print <$socket>;`;
  return inTask(task, "perl", "-e", program);
}

/** The app itself tries the connection, from inside its task. */
async function connectFrom(task: Task, host: string, port: number): Promise<string> {
  const program = `use IO::Socket::INET; print IO::Socket::INET->new(PeerAddr => "${host}", PeerPort => ${port}, Timeout => 2) ? "connected" : "not connected: $!"`;
  return inTask(task, "perl", "-e", program);
}

async function listenOutside(): Promise<{
  address: string;
  port: number;
  close: () => Promise<void>;
}> {
  const server: Server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  const at = server.address();
  if (at === null || typeof at === "string") throw new Error("no port");
  // Any address of this machine that is not loopback; with none there is still the uplink's end.
  const addresses = await runOk("ip", ["-o", "-4", "addr", "show", "scope", "global"]);
  const address = /inet ([\d.]+)/.exec(addresses)?.[1];
  if (!address) throw new Error("this machine has no address but loopback");
  return {
    address,
    port: at.port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
