/** What a VPC lets real tasks do: reach AWS's services, the internet and names, or fail in AWS's words. */
import type { ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  AssociateRouteTableCommand,
  AssociateVpcCidrBlockCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateFlowLogsCommand,
  CreateInternetGatewayCommand,
  CreateManagedPrefixListCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  type CreateNetworkAclEntryCommandInput,
  CreateNetworkInterfaceCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  DeleteNetworkInterfaceCommand,
  DeleteRouteCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  type IpPermission,
  ModifyManagedPrefixListCommand,
  ModifyVpcAttributeCommand,
  type NetworkAclAssociation,
  ReplaceNetworkAclAssociationCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import type { AssignPublicIp, Task } from "@aws-sdk/client-ecs";
import { CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineClient } from "../../src/cli/engine-client.ts";
import { formatOf } from "../../src/model/flow-log-fields.ts";
import { hasAwsCli } from "./support/aws-cli.ts";
import { exec, type LiveEngine, region, startLiveEngine, until } from "./support/live-engine.ts";
import { type Outside, openOutside } from "./support/outside.ts";
import { lookUp, netnsOf, type Party, type Step, walk } from "./support/parties.ts";
import { answerAt, type Question } from "./support/probes.ts";
import { openShellTasks, type ShellTasks } from "./support/shell-tasks.ts";

/** Of none of the blocks that the engine gives to services of AWS. */
const outsideAddress = "192.88.99.78";
const hasCli = await hasAwsCli("by an endpoint");
let outside: Outside;
let outsidePort: number;
let engine: LiveEngine;
let shell: ShellTasks;
/** Ids of what the tests use. */
const ids = { vpc: "", sealed: "", public: "", table: "", app: "", endpoints: "" };

beforeAll(async () => {
  outside = await openOutside(outsideAddress);
  outsidePort = await outside.listen((socket) => socket.end("hello from outside\n"));
  // Failures that AWS takes minutes for are a matter of engine time.
  engine = await startLiveEngine({ args: ["--clock", "20x"] });
  shell = await openShellTasks(engine);
  await makeNetwork();
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await outside.close();
});

/** A VPC with a subnet that nothing leads out of, and one with a route to an internet gateway. */
async function makeNetwork(): Promise<void> {
  const { ec2 } = shell.clients;
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.78.0.0/16" }));
  const VpcId = Vpc?.VpcId ?? "";
  ids.vpc = VpcId;
  await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
  const subnet = async (CidrBlock: string): Promise<string> =>
    (await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock }))).Subnet?.SubnetId ?? "";
  ids.sealed = await subnet("10.78.1.0/24");
  ids.public = await subnet("10.78.2.0/24");
  const group = async (GroupName: string): Promise<string> => {
    const input = { VpcId, GroupName, Description: GroupName };
    return (await ec2.send(new CreateSecurityGroupCommand(input))).GroupId ?? "";
  };
  ids.app = await group("app");
  ids.endpoints = await group("endpoints");
  const main = await ec2.send(
    new DescribeRouteTablesCommand({ Filters: [{ Name: "vpc-id", Values: [VpcId] }] }),
  );
  ids.table = main.RouteTables?.[0]?.RouteTableId ?? "";
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const GatewayId = InternetGateway?.InternetGatewayId;
  await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId: GatewayId }));
  const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId }));
  const RouteTableId = RouteTable?.RouteTableId;
  await ec2.send(
    new CreateRouteCommand({ RouteTableId, GatewayId, DestinationCidrBlock: "0.0.0.0/0" }),
  );
  await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId: ids.public }));
}

async function tableOf(subnet: string): Promise<string> {
  const Filters = [{ Name: "association.subnet-id", Values: [subnet] }];
  const { RouteTables } = await shell.clients.ec2.send(new DescribeRouteTablesCommand({ Filters }));
  return RouteTables?.[0]?.RouteTableId ?? "";
}

const makeEndpoint = (service: string) =>
  shell.clients.ec2.send(
    new CreateVpcEndpointCommand({
      VpcId: ids.vpc,
      ServiceName: `com.amazonaws.${region}.${service}`,
      ...(service === "s3"
        ? { VpcEndpointType: "Gateway", RouteTableIds: [ids.table] }
        : {
            VpcEndpointType: "Interface",
            SubnetIds: [ids.sealed],
            SecurityGroupIds: [ids.endpoints],
            PrivateDnsEnabled: true,
          }),
    }),
  );

const start = (family: string, subnet: string, assignPublicIp: AssignPublicIp = "DISABLED") =>
  shell.run(family, {
    networkConfiguration: {
      awsvpcConfiguration: { subnets: [subnet], securityGroups: [ids.app], assignPublicIp },
    },
  });
const exited = "Essential container in task exited";
const isRunning = ({ lastStatus }: Task): boolean => lastStatus === "RUNNING";
const ended = (arn: string): Promise<Task> =>
  shell.untilTask(arn, "STOPPED", ({ lastStatus }) => lastStatus === "STOPPED");
/** Why the task stopped, and what it wrote. */
async function outcome(family: string, subnet: string, assignPublicIp?: AssignPublicIp) {
  const arn = await start(family, subnet, assignPublicIp);
  const { stoppedReason = "" } = await ended(arn);
  return { stoppedReason, lines: () => shell.lines(arn, "app") };
}

/** Says what comes of a connection to the outside, or that nothing does in so many seconds. */
const callOut = (seconds: number): string => `bash -c '
  (exec 3<>/dev/tcp/${outsideAddress}/${outsidePort} && read -r line <&3 && echo "$line") &
  called=$!
  for turn in {1..${seconds * 10}}; do kill -0 $called 2>/dev/null && sleep 0.1; done
  kill $called 2>/dev/null && echo silence'`;

describe("a subnet that nothing leads out of", () => {
  beforeAll(async () => {
    await shell.register("says", [shell.container("app", "echo from inside")]);
    const image = "docker.io/library/nothing:1";
    await shell.register("foreign", [shell.container("app", "true", { image })]);
  });

  it("an image of the internet: CannotPullContainerError that says which address was silent", async () => {
    const { stoppedReason } = await outcome("foreign", ids.sealed);
    expect(stoppedReason).toMatch(
      /^CannotPullContainerError: .*Head "https:\/\/registry-1\.docker\.io\/v2\/library\/nothing\/manifests\/1": dial tcp [\d.]+:443: i\/o timeout$/,
    );
  });

  it("no way to ECR: ResourceInitializationError; endpoints whose group admits nobody change nothing", async () => {
    const words =
      /^ResourceInitializationError: unable to pull secrets or registry auth: .*i\/o timeout$/;
    expect((await outcome("says", ids.sealed)).stoppedReason).toMatch(words);
    await makeEndpoint("ecr.api");
    await makeEndpoint("ecr.dkr");
    expect((await outcome("says", ids.sealed)).stoppedReason).toMatch(words);
  });

  it("their group opened: the layers are missing, then the log stream; with all of them the task runs", async () => {
    const pairs = [{ GroupId: ids.app }];
    const permission = { IpProtocol: "tcp", FromPort: 443, ToPort: 443, UserIdGroupPairs: pairs };
    await shell.clients.ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: ids.endpoints,
        IpPermissions: [permission],
      }),
    );
    expect((await outcome("says", ids.sealed)).stoppedReason).toMatch(
      /^CannotPullContainerError: ref pull .*starport-layer-bucket.*i\/o timeout$/,
    );
    await makeEndpoint("s3");
    expect((await outcome("says", ids.sealed)).stoppedReason).toMatch(
      /^ResourceInitializationError: failed to validate logger args: /,
    );
    await makeEndpoint("logs");
    const { stoppedReason, lines } = await outcome("says", ids.sealed);
    expect(stoppedReason).toBe(exited);
    expect(await lines()).toEqual(["from inside"]);
  });
});

describe("secrets, in the subnet that nothing leads out of", () => {
  it("no way to their services: ResourceInitializationError; endpoints for them: the process has both", async () => {
    const config = {
      endpoint: engine.endpoint,
      region,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    };
    const [ssm, secrets] = [new SSMClient(config), new SecretsManagerClient(config)];
    await ssm.send(new PutParameterCommand({ Name: "/a", Value: "of ssm", Type: "SecureString" }));
    const made = await secrets.send(
      new CreateSecretCommand({ Name: "b", SecretString: "of secrets manager" }),
    );
    const allowed = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
    });
    await shell.clients.iam.send(
      new PutRolePolicyCommand({ RoleName: "shell", PolicyName: "a", PolicyDocument: allowed }),
    );
    const both = [
      { name: "A", valueFrom: "/a" },
      { name: "B", valueFrom: made.ARN },
    ];
    await shell.register("parameter", [
      shell.container("app", "true", { secrets: both.slice(0, 1) }),
    ]);
    await shell.register("secrets", [shell.container("app", 'echo "$A, $B"', { secrets: both })]);
    const words = /^ResourceInitializationError: unable to pull secrets or registry auth: /;
    expect((await outcome("parameter", ids.sealed)).stoppedReason).toMatch(words);
    expect((await outcome("secrets", ids.sealed)).stoppedReason).toMatch(words);
    await makeEndpoint("ssm");
    expect((await outcome("parameter", ids.sealed)).stoppedReason).toBe(exited);
    expect((await outcome("secrets", ids.sealed)).stoppedReason).toMatch(words);
    await makeEndpoint("secretsmanager");
    const { stoppedReason, lines } = await outcome("secrets", ids.sealed);
    expect(stoppedReason).toBe(exited);
    expect(await lines()).toEqual(["of ssm, of secrets manager"]);
    ssm.destroy();
    secrets.destroy();
  });
});

describe("AWS's own names inside a task, whose program knows of no other endpoint", () => {
  const of = (service: string): string => `${service}.${region}.amazonaws.com`;
  let sealed = "";
  let open = "";

  /** Runs a program of this machine in the task's network, with the task's resolver. */
  async function beside(arn: string, program: string, ...args: string[]) {
    const { engineId } = await engine.health();
    const sandbox = `ng${engineId}-${arn.split("/").at(-1)}`;
    const { stdout } = await engine.docker(["inspect", "--format", "{{.State.Pid}}", sandbox]);
    const names = path.join(engine.home, "resolv.conf");
    writeFileSync(names, "nameserver 10.78.0.2\n");
    const script = `mount --bind ${names} /etc/resolv.conf && exec "$@"`;
    const net = `--net=/proc/${stdout.trim()}/ns/net`;
    const own = ["env", "-i", `PATH=${process.env["PATH"]}`, program, ...args];
    return exec.run("nsenter", [net, "unshare", "--mount", "sh", "-c", script, "sh", ...own]);
  }
  const authority = async (): Promise<string> => {
    const answer = (await engineClient(engine.endpoint).get("authority")) as {
      certificate: string;
    };
    const file = path.join(engine.home, "authority.pem");
    writeFileSync(file, answer.certificate);
    return file;
  };
  const ask = async (arn: string, url: string, ...more: string[]) => {
    const shown = ["--silent", "--output", "-", "--write-out", "%{http_code}", "--max-time", "10"];
    const { code, stdout } = await beside(arn, "curl", ...shown, ...more, url);
    return { code, answer: stdout };
  };
  const timedOut = 28;
  const untrusted = 60;
  const silent = (arn: string, url: string) => ask(arn, url, "--max-time", "2");

  beforeAll(async () => {
    await shell.register("stays", [shell.container("app", "while :; do sleep 0.1; done")]);
    sealed = await start("stays", ids.sealed);
    open = await start("stays", ids.public, "ENABLED");
    for (const arn of [sealed, open]) await shell.untilTask(arn, "RUNNING", isRunning);
  });

  it("an interface endpoint: answers at port 443 as its group lets, with a certificate of the engine's authority", async () => {
    const url = `https://${of("ssm")}/`;
    const known = await ask(sealed, url, "--cacert", await authority());
    expect(known).toMatchObject({
      code: 0,
      answer: expect.stringMatching(/Exception.*[45]\d\d$/s),
    });
    expect((await ask(sealed, url)).code).toBe(untrusted);
    expect((await silent(sealed, `http://${of("ssm")}/`)).code).toBe(timedOut);
  });

  it("no endpoint and no way out: silence; a public address and the gateway's route: an answer", async () => {
    expect((await silent(sealed, `https://${of("kms")}/`)).code).toBe(timedOut);
    const { code, answer } = await ask(open, `https://${of("kms")}/`, "--insecure");
    expect({ code, answer }).toMatchObject({ code: 0, answer: expect.stringMatching(/[45]\d\d$/) });
    expect((await ask(open, `http://${of("kms")}/`)).code).toBe(0);
  });

  it.skipIf(!hasCli)(
    "AWS's own CLI: reads a parameter by the endpoint; one service's endpoint is not another's",
    async () => {
      const settings = {
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
        AWS_CA_BUNDLE: await authority(),
        AWS_DEFAULT_REGION: region,
      };
      const variables = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
      const aws = (...args: string[]) => beside(sealed, "env", ...variables, "aws", ...args);
      const query = ["--query", "Parameter.Value", "--output", "text"];
      const read = await aws("ssm", "get-parameter", "--name", "/a", "--with-decryption", ...query);
      expect(read).toMatchObject({ code: 0, stdout: "of ssm\n" });
      const elsewhere = await aws(
        "ssm",
        "get-parameter",
        "--name",
        "/a",
        "--endpoint-url",
        `https://${of("logs")}`,
      );
      expect(elsewhere.stderr).toContain("Credential should be scoped to correct service: 'logs'.");
    },
  );
});

describe("a subnet with a route to an internet gateway", () => {
  it("assignPublicIp ENABLED: out; DISABLED: silence", async () => {
    await shell.register("calls", [shell.container("app", callOut(60))]);
    await shell.register("calls-in-vain", [shell.container("app", callOut(2))]);
    const open = await outcome("calls", ids.public, "ENABLED");
    expect(await open.lines()).toEqual(["hello from outside"]);
    // Its image and log stream come by the endpoints.
    await shell.clients.ec2.send(
      new CreateVpcEndpointCommand({
        VpcId: ids.vpc,
        ServiceName: `com.amazonaws.${region}.s3`,
        RouteTableIds: [await tableOf(ids.public)],
      }),
    );
    const closed = await outcome("calls-in-vain", ids.public, "DISABLED");
    expect(closed.stoppedReason).toBe(exited);
    expect(await closed.lines()).toEqual(["silence"]);
  });
});

describe("names inside a task", () => {
  const quick = "echo options timeout:1 attempts:1 >>/etc/resolv.conf";

  it("its resolver is base plus two; private, public, reverse and endpoint names lead into the VPC", async () => {
    const domain = `${region}.compute.internal`;
    await shell.register("asks", [
      shell.container(
        "app",
        `cat /etc/resolv.conf
        ${quick}
        ask() { echo "$1 $(getent ahostsv4 $2 | { read -r address rest; echo "$address"; })"; }
        ask private ip-10-78-1-77.${domain}
        ask endpoint logs.${region}.amazonaws.com
        echo "reverse $(getent hosts 10.78.1.77 | { read -r address name; echo $name; })"
        echo "nameserver 169.254.169.253" >/etc/resolv.conf
        ask link-local ip-10-78-1-78.${domain}
        while :; do sleep 0.1; done`,
      ),
    ]);
    const arn = await start("asks", ids.public, "ENABLED");
    const lines = await until("it has asked all", 30_000, async () => {
      const said = await shell.lines(arn, "app").catch(() => []);
      return said.some((line) => line.startsWith("link-local")) && said;
    });
    const endpoints = await shell.clients.ec2.send(
      new DescribeNetworkInterfacesCommand({
        Filters: [
          { Name: "interface-type", Values: ["vpc_endpoint"] },
          { Name: "vpc-id", Values: [ids.vpc] },
        ],
      }),
    );
    const addresses = endpoints.NetworkInterfaces?.map((one) => `endpoint ${one.PrivateIpAddress}`);
    expect(lines).toContain("nameserver 10.78.0.2");
    expect(lines).toContain(`search ${domain}`);
    expect(lines).toContain("private 10.78.1.77");
    expect(addresses).toContain(lines.find((line) => line.startsWith("endpoint ")));
    expect(lines).toContain(`reverse ip-10-78-1-77.${domain}`);
    expect(lines).toContain("link-local 10.78.1.78");
  });

  it("DNS support taken away and given back: a running task's questions meet silence, then answers", async () => {
    await shell.register("repeats", [
      shell.container(
        "app",
        `${quick}
        while :; do
          if getent ahostsv4 ip-10-78-1-77.${region}.compute.internal >/dev/null; then now=answers; else now=silence; fi
          [ "$now" = "$last" ] || echo $now
          last=$now
          sleep 0.1
        done`,
      ),
    ]);
    const arn = await start("repeats", ids.public, "ENABLED");
    const say = (expected: readonly string[]): Promise<unknown> =>
      until(`it says ${expected.join(", ")}`, 30_000, async () => {
        const said = await shell.lines(arn, "app").catch(() => []);
        return said.join() === expected.join();
      });
    const support = (Value: boolean) =>
      shell.clients.ec2.send(
        new ModifyVpcAttributeCommand({ VpcId: ids.vpc, EnableDnsSupport: { Value } }),
      );
    await say(["answers"]);
    await support(false);
    await say(["answers", "silence"]);
    await support(true);
    await say(["answers", "silence", "answers"]);
  });
});

describe("a secondary block, and the death of the engine", () => {
  it("a task in a subnet of the second block: reaches one of the first as its group says", async () => {
    const { ec2 } = shell.clients;
    const VpcId = ids.vpc;
    await ec2.send(new AssociateVpcCidrBlockCommand({ VpcId, CidrBlock: "10.79.0.0/16" }));
    const made = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: "10.79.1.0/24" }));
    const second = made.Subnet?.SubnetId ?? "";
    await shell.register("waits", [shell.container("app", "while :; do sleep 0.1; done")]);
    const receiver = await start("waits", ids.sealed);
    const running = await shell.untilTask(receiver, "RUNNING", isRunning);
    const to = running.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address;
    // Nobody listens there: who gets through is refused, who does not hears nothing.
    const knock = (seconds: number): string => `cat /etc/resolv.conf
      (bash -c 'echo >/dev/tcp/${to}/81' 2>&1 | { read -r line; echo "\${line##*: }"; echo >/heard; }) &
      turn=0
      while [ ! -e /heard ] && [ $turn -lt ${seconds * 10} ]; do sleep 0.1; turn=$((turn+1)); done
      echo over`;
    await shell.register("knocks", [shell.container("app", knock(60))]);
    await shell.register("knocks-in-vain", [shell.container("app", knock(2))]);
    const silent = await outcome("knocks-in-vain", second);
    const heard = await openTo("10.79.0.0/16", second);
    expect(await silent.lines()).toContain("nameserver 10.78.0.2");
    expect(await silent.lines()).not.toContain("Connection refused");
    expect(await heard.lines()).toContain("Connection refused");
  });

  const openTo = async (CidrIp: string, subnet: string) => {
    const permission = { IpProtocol: "tcp", FromPort: 81, ToPort: 81, IpRanges: [{ CidrIp }] };
    await shell.clients.ec2.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId: ids.app, IpPermissions: [permission] }),
    );
    return outcome("knocks", subnet);
  };

  it("kill -9 and up again: a connection to the outside goes on, and it is the same one", async () => {
    let connections = 0;
    const port = await outside.listen((socket) => {
      connections += 1;
      let ticks = 0;
      const timer = setInterval(() => {
        ticks += 1;
        socket.write(`tick ${ticks}\n`);
      }, 100);
      socket.on("close", () => clearInterval(timer));
    });
    const listen = `bash -c 'exec 3<>/dev/tcp/${outsideAddress}/${port} && while read -r line <&3; do echo "$line"; done'`;
    await shell.register("listens", [shell.container("app", listen)]);
    const arn = await start("listens", ids.public, "ENABLED");
    const heard = async (): Promise<number> =>
      (await shell.lines(arn, "app").catch(() => [])).length;
    await until("it hears ticks", 30_000, async () => (await heard()) > 0);
    await engine.kill();
    await engine.restart();
    const before = await heard();
    await until("it hears more of them", 30_000, async () => (await heard()) > before + 5);
    expect(connections).toBe(1);
    expect((await shell.task(arn)).lastStatus).toBe("RUNNING");
  });
});

describe("rules between running tasks", () => {
  type AclEntry = Pick<CreateNetworkAclEntryCommandInput, "CidrBlock" | "PortRange"> & {
    readonly Egress: boolean;
  };
  type Ask = readonly ["near" | "stranger", Question["protocol"], to?: number | "outside"];
  const parties = new Map<string, Party>();
  const groups = new Map<string, string>();
  let far = "";
  let server: ChildProcess;
  let answeringOutside = 0;

  const party = (name: string): Party => {
    const found = parties.get(name);
    if (!found) throw new Error(`no task ${name}`);
    return found;
  };
  const group = (name: string): string => groups.get(name) ?? "";
  const questionOf = ([from, protocol, to = 7001]: Ask): readonly [Party, Question] =>
    to === "outside"
      ? [party(from), { protocol, address: outsideAddress, port: answeringOutside }]
      : [party(from), { protocol, address: party("far").address, port: to }];
  const allow = (permission: IpPermission) => () =>
    shell.clients.ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: group("peers"),
        IpPermissions: [permission],
      }),
    );
  const revoke = (permission: IpPermission) => () =>
    shell.clients.ec2.send(
      new RevokeSecurityGroupIngressCommand({
        GroupId: group("peers"),
        IpPermissions: [permission],
      }),
    );
  const ports = { IpProtocol: "tcp", FromPort: 7001, ToPort: 7002 };
  const all = { IpRanges: [{ CidrIp: "10.78.0.0/16" }] };
  const near: Ask = ["near", "tcp"];
  const stranger: Ask = ["stranger", "tcp"];

  beforeAll(async () => {
    const { ec2 } = shell.clients;
    answeringOutside = await outside.listen((socket) => socket.end("here\n"));
    const input = { VpcId: ids.vpc, CidrBlock: "10.78.3.0/24" };
    far = (await ec2.send(new CreateSubnetCommand(input))).Subnet?.SubnetId ?? "";
    const RouteTableId = await tableOf(ids.public);
    await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId: far }));
    for (const GroupName of ["peers", "strangers"]) {
      const named = { VpcId: ids.vpc, GroupName, Description: GroupName };
      const { GroupId = "" } = await ec2.send(new CreateSecurityGroupCommand(named));
      groups.set(GroupName, GroupId);
    }
    await shell.register("party", [shell.container("app", "while :; do sleep 0.1; done")]);
    await Promise.all([
      startParty("near", ids.public, "peers"),
      startParty("far", far, "peers"),
      startParty("stranger", ids.public, "strangers"),
    ]);
    server = await answerAt({ netns: netnsOf(party("far")) }, [7001, 7002]);
  });
  afterAll(() => server?.kill("SIGKILL"));

  async function startParty(name: string, subnet: string, its: string): Promise<void> {
    // The other group is the one that the endpoints admit.
    const securityGroups = [ids.app, group(its)];
    const arn = await shell.run("party", {
      networkConfiguration: {
        awsvpcConfiguration: { subnets: [subnet], securityGroups, assignPublicIp: "ENABLED" },
      },
    });
    const { containers } = await shell.untilTask(arn, "RUNNING", isRunning);
    const address = containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address ?? "";
    const filter = `label=neargate.task=${arn.split("/").at(-1)}`;
    const filters = ["--filter", filter, "--filter", "label=neargate.container=app"];
    const id = (await engine.docker(["ps", "-q", ...filters])).stdout.trim();
    const pid = (await engine.docker(["inspect", "-f", "{{.State.Pid}}", id])).stdout.trim();
    parties.set(name, { pid, address });
  }

  type Case = { readonly title: string; steps(): Promise<readonly Step<Ask>[]> };

  /** Each ends as it began. */
  const cases: readonly Case[] = [
    {
      title:
        "a rule for a prefix list: who is on the list is let in; an entry more: the next one, too",
      async steps() {
        const { ec2 } = shell.clients;
        const Entries = [{ Cidr: `${party("near").address}/32` }];
        const list = { PrefixListName: "near", AddressFamily: "IPv4", MaxEntries: 2, Entries };
        const { PrefixList } = await ec2.send(new CreateManagedPrefixListCommand(list));
        const { PrefixListId } = PrefixList ?? {};
        const AddEntries = [{ Cidr: `${party("stranger").address}/32` }];
        const more = { PrefixListId, CurrentVersion: 1, AddEntries };
        const permission: IpPermission = { ...ports, PrefixListIds: [{ PrefixListId }] };
        return [
          { change: allow(permission), answered: [near], silent: [stranger] },
          {
            change: () => ec2.send(new ModifyManagedPrefixListCommand(more)),
            answered: [near, stranger],
          },
          { change: revoke(permission), silent: [near, stranger] },
        ];
      },
    },
    {
      title: "a rule for its own group: members reach each other, a stranger does not",
      async steps() {
        const permission = { ...ports, UserIdGroupPairs: [{ GroupId: group("peers") }] };
        return [
          { change: allow(permission), answered: [near], silent: [stranger] },
          { change: revoke(permission), silent: [near] },
        ];
      },
    },
    {
      title: "a rule for ICMP only: pings are answered, connections are not",
      async steps() {
        const permission = { ...all, IpProtocol: "icmp", FromPort: -1, ToPort: -1 };
        return [
          { change: allow(permission), answered: [["near", "icmp"]], silent: [near] },
          { change: revoke(permission), silent: [["near", "icmp"]] },
        ];
      },
    },
    {
      title:
        "an ACL: the entry of the lowest number decides, and answers need an entry of their own",
      async steps() {
        const before = await aclOf(far);
        const made = await shell.clients.ec2.send(new CreateNetworkAclCommand({ VpcId: ids.vpc }));
        const own = made.NetworkAcl?.NetworkAclId ?? "";
        const nearOnly = `${party("near").address}/32`;
        const entry = (RuleNumber: number, RuleAction: "allow" | "deny", more: AclEntry) => () =>
          shell.clients.ec2.send(
            new CreateNetworkAclEntryCommand({
              NetworkAclId: own,
              RuleNumber,
              RuleAction,
              Protocol: "6",
              PortRange: { From: 0, To: 65535 },
              CidrBlock: "0.0.0.0/0",
              ...more,
            }),
          );
        const answers = { Egress: true, PortRange: { From: 1024, To: 65535 } };
        return [
          { change: allow({ ...ports, ...all }), answered: [near, stranger] },
          { change: () => putAcl(far, own), silent: [near, stranger] },
          { change: entry(100, "allow", { Egress: false }), silent: [near] },
          { change: entry(100, "allow", answers), answered: [near, stranger] },
          {
            change: entry(90, "deny", { Egress: false, CidrBlock: nearOnly }),
            answered: [stranger],
            silent: [near],
          },
          {
            change: entry(80, "allow", {
              Egress: false,
              CidrBlock: nearOnly,
              PortRange: { From: 7002, To: 7002 },
            }),
            answered: [["near", "tcp", 7002]],
            silent: [near],
          },
          { change: () => putAcl(far, before), answered: [near] },
          { change: revoke({ ...ports, ...all }), silent: [near] },
        ];
      },
    },
    {
      title:
        "a route to an interface that was deleted: a black hole, though a larger route leads out",
      async steps() {
        const { ec2 } = shell.clients;
        const RouteTableId = await tableOf(ids.public);
        const created = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: far }));
        const { NetworkInterfaceId } = created.NetworkInterface ?? {};
        const to = { RouteTableId, DestinationCidrBlock: `${outsideAddress}/32` };
        const dig = async (): Promise<void> => {
          await ec2.send(new CreateRouteCommand({ ...to, NetworkInterfaceId }));
          await ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId }));
          const { RouteTables } = await ec2.send(
            new DescribeRouteTablesCommand({ RouteTableIds: [RouteTableId] }),
          );
          expect(RouteTables?.[0]?.Routes).toContainEqual(
            expect.objectContaining({ NetworkInterfaceId, State: "blackhole" }),
          );
        };
        const out: Ask = ["near", "tcp", "outside"];
        return [
          { change: async () => {}, answered: [out] },
          { change: dig, silent: [out] },
          { change: () => ec2.send(new DeleteRouteCommand(to)), answered: [out] },
        ];
      },
    },
  ];

  for (const { title, steps } of cases) {
    it(title, async () => walk(await steps(), questionOf));
  }

  async function aclOf(subnet: string): Promise<string> {
    return (await aclAssociationOf(subnet)).NetworkAclId ?? "";
  }

  async function putAcl(subnet: string, NetworkAclId: string): Promise<void> {
    const { NetworkAclAssociationId: AssociationId } = await aclAssociationOf(subnet);
    await shell.clients.ec2.send(
      new ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId }),
    );
  }

  async function aclAssociationOf(subnet: string): Promise<NetworkAclAssociation> {
    const Filters = [{ Name: "association.subnet-id", Values: [subnet] }];
    const { NetworkAcls } = await shell.clients.ec2.send(
      new DescribeNetworkAclsCommand({ Filters }),
    );
    const found = NetworkAcls?.[0]?.Associations?.find(({ SubnetId }) => SubnetId === subnet);
    if (!found) throw new Error(`no ACL at ${subnet}`);
    return found;
  }

  it("names for hosts taken away and given back: what is shown and what a task finds follow", async () => {
    const { ec2 } = shell.clients;
    const asked = { Name: "addresses.private-ip-address", Values: [party("far").address] };
    const shown = async () => {
      const Filters = [asked, { Name: "vpc-id", Values: [ids.vpc] }];
      const found = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
      return found.NetworkInterfaces?.[0]?.Association;
    };
    const hostnames = (Value: boolean) =>
      ec2.send(new ModifyVpcAttributeCommand({ VpcId: ids.vpc, EnableDnsHostnames: { Value } }));
    const { address } = party("far");
    const { PublicIp = "", PublicDnsName = "" } = (await shown()) ?? {};
    const dashed = (text: string): string => text.replaceAll(".", "-");
    const own = `ip-${dashed(address)}.${region}.compute.internal`;
    expect(PublicDnsName).toBe(`ec2-${dashed(PublicIp)}.${region}.compute.amazonaws.com`);
    const finds = async (database: "ahostsv4" | "hosts", name: string, wanted: string) =>
      (await lookUp(party("near"), database, name)).includes(wanted);
    expect(await finds("ahostsv4", PublicDnsName, address)).toBe(true);
    expect(await finds("hosts", address, own)).toBe(true);
    await hostnames(false);
    expect(await shown()).toMatchObject({ PublicIp, PublicDnsName: "" });
    await until(
      "names of hosts lead nowhere",
      10_000,
      async () => !(await finds("ahostsv4", PublicDnsName, address)),
    );
    expect(await finds("hosts", address, own)).toBe(false);
    await hostnames(true);
    expect(await shown()).toMatchObject({ PublicIp, PublicDnsName });
    await until("names of hosts lead there again", 10_000, () =>
      finds("ahostsv4", PublicDnsName, address),
    );
  });
});

describe("flow logs of real packets", () => {
  it("a call out, and one that the receiver's group keeps away: ACCEPT and REJECT at each interface", async () => {
    const { ec2, iam, logs } = shell.clients;
    const trust = {
      Effect: "Allow",
      Principal: { Service: "vpc-flow-logs.amazonaws.com" },
      Action: "sts:AssumeRole",
    };
    const policy = (Statement: object): string =>
      JSON.stringify({ Version: "2012-10-17", Statement });
    const role = await iam.send(
      new CreateRoleCommand({ RoleName: "flows", AssumeRolePolicyDocument: policy(trust) }),
    );
    const allowed = policy({ Effect: "Allow", Action: "logs:*", Resource: "*" });
    await iam.send(
      new PutRolePolicyCommand({ RoleName: "flows", PolicyName: "a", PolicyDocument: allowed }),
    );
    await ec2.send(
      new CreateFlowLogsCommand({
        ResourceIds: [ids.vpc],
        ResourceType: "VPC",
        TrafficType: "ALL",
        LogGroupName: "/flows",
        DeliverLogsPermissionArn: role.Role?.Arn,
        LogFormat: formatOf(
          "srcaddr",
          "dstaddr",
          "dstport",
          "protocol",
          "action",
          "flow-direction",
          "tcp-flags",
          "ecs-task-id",
        ),
      }),
    );
    await shell.register("sleeps", [shell.container("app", "while :; do sleep 0.1; done")]);
    const receiver = await start("sleeps", ids.public, "ENABLED");
    const running = await shell.untilTask(
      receiver,
      "RUNNING",
      (one) => one.lastStatus === "RUNNING",
    );
    const to = running.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address;
    const calling = `${callOut(60)}
      (bash -c 'echo >/dev/tcp/${to}/81' &)
      sleep 1`;
    await shell.register("calls-both", [shell.container("app", calling)]);
    const caller = await start("calls-both", ids.public, "ENABLED");
    const { containers } = await ended(caller);
    const from = containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address;
    const [callerId, receiverId] = [caller, receiver].map((arn) => arn.split("/").at(-1));
    const wanted = [
      `${from} ${outsideAddress} ${outsidePort} 6 ACCEPT egress 3 ${callerId}`,
      `${from} ${to} 81 6 ACCEPT egress 2 ${callerId}`,
      `${from} ${to} 81 6 REJECT ingress 2 ${receiverId}`,
    ];
    const all = new Set<string>();
    await until("the records are there", 60_000, async () => {
      const { events } = await logs
        .send(new FilterLogEventsCommand({ logGroupName: "/flows" }))
        .catch(() => ({ events: [] }));
      for (const { message } of events ?? []) all.add(message ?? "");
      return wanted.every((line) => all.has(line));
    }).catch((error) => {
      throw new Error(`${error.message}\n${wanted.join("\n")}\n--\n${[...all].join("\n")}`);
    });
    expect([...all]).toContainEqual(
      expect.stringMatching(`^${outsideAddress} ${from} \\d+ 6 ACCEPT ingress 19 ${callerId}$`),
    );
    // Names are not traffic, and nothing was refused on its way out.
    expect([...all].filter((line) => line.includes("10.78.0.2 "))).toEqual([]);
    expect([...all].filter((line) => /REJECT egress/.test(line))).toEqual([]);
  });
});
