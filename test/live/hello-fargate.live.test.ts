/** The hello-fargate service is not a picture of a network: addresses, rules and routes are real. */
import { createServer, type Server } from "node:net";
import { FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkAclEntryCommand,
  CreateRouteCommand,
  DeleteNetworkAclEntryCommand,
  DeleteRouteCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import type { Task } from "@aws-sdk/client-ecs";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { containsAddress, parseAddress, parseCidr } from "../../src/model/cidr.ts";
import { detail, get, type Hello, idOf, makeHello, taskOf } from "./support/hello.ts";
import { type LiveEngine, runOk, startLiveEngine, until } from "./support/live-engine.ts";
import { connect, converse, createSandboxes, reach } from "./support/sandboxes.ts";

let engine: LiveEngine;
let hello: Hello;
let other: Hello;
/** For the servers that tests put into tasks. */
const servers = createSandboxes("ngt9");

beforeAll(async () => {
  engine = await startLiveEngine();
  hello = await makeHello(engine, "hello-one");
  // A second stack with the same CIDR, on the same host port.
  other = await makeHello(engine, "hello-two");
});
afterAll(async () => {
  await servers.removeAll();
  await engine?.[Symbol.asyncDispose]();
});

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

const untilSilent = (url: string): Promise<unknown> =>
  until("requests time out", 5_000, () =>
    get(url, 1_500).then(
      () => false,
      (error: Error) => error.message === "timed out",
    ),
  );
const untilAnswered = (url: string): Promise<unknown> =>
  until("requests are answered", 5_000, () =>
    get(url, 1_500).then(
      (answer) => answer.status === 200,
      () => false,
    ),
  );

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
    await untilSilent(hello.url);
    expect(taskOf(await get(other.url))).toBeDefined();
    await hello.clients.ec2.send(new AuthorizeSecurityGroupIngressCommand(rule));
    await untilAnswered(hello.url);
  });

  it("an ACL entry that denies the host's address: its requests get nothing; deleted: answered", async () => {
    const { ec2 } = hello.clients;
    const vpc = { Name: "vpc-id", Values: [hello.made.id("aws_vpc.main")] };
    const { NetworkAcls } = await ec2.send(new DescribeNetworkAclsCommand({ Filters: [vpc] }));
    const entry = {
      NetworkAclId: NetworkAcls?.[0]?.NetworkAclId,
      RuleNumber: 50,
      Egress: false,
    };
    await ec2.send(
      new CreateNetworkAclEntryCommand({
        ...entry,
        Protocol: "6",
        PortRange: { From: 80, To: 80 },
        CidrBlock: "203.0.113.1/32",
        RuleAction: "deny",
      }),
    );
    await untilSilent(hello.url);
    expect(taskOf(await get(other.url))).toBeDefined();
    await ec2.send(new DeleteNetworkAclEntryCommand(entry));
    await untilAnswered(hello.url);
  });

  it("an internal balancer: silent to the host, answers a task, to which both names are VPC addresses", async () => {
    const { elb } = hello.clients;
    const { LoadBalancers } = await elb.send(
      new CreateLoadBalancerCommand({
        Name: "hello-internal",
        Scheme: "internal",
        Subnets: ["a", "c"].map((letter) => hello.made.id(`aws_subnet.private-${letter}`)),
        SecurityGroups: [hello.made.id("aws_security_group.balancer")],
      }),
    );
    const { LoadBalancerArn, DNSName = "" } = LoadBalancers?.[0] ?? {};
    const response = { StatusCode: "200", ContentType: "text/plain", MessageBody: "from inside" };
    await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn,
        Protocol: "HTTP",
        Port: 80,
        DefaultActions: [{ Type: "fixed-response", FixedResponseConfig: response }],
      }),
    );
    const [task] = await hello.tasks();
    if (!task) throw new Error("no task");
    await until("the task is answered", 10_000, async () =>
      (await getFrom(task, DNSName)).endsWith("from inside"),
    );
    await untilSilent(`http://${DNSName}/`);
    for (const [balancer, name] of [
      ["hello-internal", DNSName],
      ["hello-one", new URL(hello.url).hostname],
    ] as const) {
      const interfaces = await interfacesOf(`ELB app/${balancer}/`);
      const addresses = interfaces.map(({ PrivateIpAddress }) => PrivateIpAddress);
      expect(addresses).toHaveLength(2);
      expect(await resolvedIn(task, name)).toEqual(addresses.toSorted());
    }
  });

  it("a rule between tasks revoked: new connections meet silence, the open one goes on; authorised again: let in", async () => {
    const { ec2 } = hello.clients;
    const GroupId = hello.made.id("aws_security_group.app");
    const pairs = { UserIdGroupPairs: [{ GroupId }] };
    const permission = { IpProtocol: "tcp", FromPort: 7001, ToPort: 7001, ...pairs };
    const rule = { GroupId, IpPermissions: [permission] };
    const tasks = await hello.tasks();
    const [from, to] = tasks;
    if (!from || !to) throw new Error("no two tasks");
    const client = await networkOf(from);
    const [own, address] = [from, to].map((task) => detail(task, "privateIPv4Address") ?? "");
    if (!own || !address) throw new Error("no addresses");
    const letIn = (): Promise<unknown> =>
      until("it is let in", 10_000, async () => (await reach(client, address, 7001)) === own);
    await servers.listen(await networkOf(to), 7001);
    expect(await connect(client, address, 7001)).toBe("timeout");
    await ec2.send(new AuthorizeSecurityGroupIngressCommand(rule));
    await letIn();
    const conversation = await converse(client, address, 7001);
    await ec2.send(new RevokeSecurityGroupIngressCommand(rule));
    await until(
      "new connections meet silence",
      10_000,
      async () => (await connect(client, address, 7001)) === "timeout",
    );
    expect(await conversation.say("still here")).toBe("still here");
    expect(await connect(client, address, 7001)).toBe("timeout");
    await ec2.send(new AuthorizeSecurityGroupIngressCommand(rule));
    await letIn();
    expect(await conversation.say("and here")).toBe("and here");
    await conversation.end();
    expect((await hello.tasks()).map(idOf).toSorted()).toEqual(tasks.map(idOf).toSorted());
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

const networkOf = async (task: Task): Promise<string> => `/proc/${await pidOf(task)}/ns/net`;

/** The addresses that a name has for a task. */
async function resolvedIn(task: Task, name: string): Promise<string[]> {
  const program = `use Socket; my @found = gethostbyname shift; print join " ", map { inet_ntoa $_ } @found[4..$#found]`;
  return (await inTask(task, "perl", "-e", program, name)).split(" ").toSorted();
}

/** An HTTP answer as a task gets it, by the name; empty without one. */
async function getFrom(task: Task, name: string): Promise<string> {
  const program = `
    use IO::Socket::INET;
    my $name = shift;
    my $socket = IO::Socket::INET->new(PeerAddr => $name, PeerPort => 80, Timeout => 5) or exit;
    print $socket "GET / HTTP/1.0\\r\\nHost: $name\\r\\n\\r\\n";
    print <$socket>;`;
  return inTask(task, "perl", "-e", program, name);
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
