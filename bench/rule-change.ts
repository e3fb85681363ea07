/**
 * A security group's rule authorised and revoked through the API of a whole engine, until new connections
 * between two running tasks follow it.
 *
 *   npm run bench rule-change
 */
import {
  AuthorizeSecurityGroupIngressCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import { clientsOf, idOf, makeHello } from "../test/live/support/hello.ts";
import { clock, exec, type LiveEngine, startLiveEngine } from "../test/live/support/live-engine.ts";
import { median, quantile, report } from "./report.ts";

const rounds = 20;

/** Begins a connection every 4 ms; a line for each that came about at once: when it was begun, in ms. */
const prober = `
const net = require("node:net");
const [address] = process.argv.slice(1);
setInterval(() => {
  const begun = Number(process.hrtime.bigint() / 1000n) / 1000;
  const socket = net.connect(80, address).on("error", () => {});
  const timer = setTimeout(() => socket.destroy(), 50);
  socket.on("connect", () => { clearTimeout(timer); socket.destroy(); console.log(begun); });
}, 4);
`;

const now = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

async function processOf(engine: LiveEngine, task: string): Promise<string> {
  const filters = [
    "--filter",
    `label=neargate.task=${task}`,
    "--filter",
    "label=neargate.container=web",
  ];
  const id = (await engine.docker(["ps", "-q", ...filters])).stdout.trim();
  return (await engine.docker(["inspect", "-f", "{{.State.Pid}}", id])).stdout.trim();
}

await using engine = await startLiveEngine();
const hello = await makeHello(engine, "bench-rule");
const [from, to] = await hello.tasks();
const address = to?.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address ?? "";
const pid = await processOf(engine, from ? idOf(from) : "");
const child = exec.start(
  "nsenter",
  [`--net=/proc/${pid}/ns/net`, process.execPath, "-e", prober, address],
  {},
);
const connected: number[] = [];
child.stdout?.setEncoding("utf8").on("data", (text: string) => {
  for (const line of text.split("\n")) if (line) connected.push(Number(line));
});

const { ec2 } = clientsOf(engine);
const rule = {
  GroupId: hello.made.id("aws_security_group.app"),
  IpPermissions: [
    { IpProtocol: "tcp", FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: "10.0.0.0/16" }] },
  ],
};
const opened: number[] = [];
const closed: number[] = [];
for (let round = 0; round < rounds; round++) {
  connected.length = 0;
  await ec2.send(new AuthorizeSecurityGroupIngressCommand(rule));
  const authorised = now();
  await clock.wallSleep(600);
  opened.push(Math.max(0, (connected[0] ?? Number.POSITIVE_INFINITY) - authorised));
  await ec2.send(new RevokeSecurityGroupIngressCommand(rule));
  const revoked = now();
  await clock.wallSleep(600);
  closed.push(Math.max(0, (connected.at(-1) ?? Number.POSITIVE_INFINITY) - revoked));
}
child.kill();

const row = (what: string, times: readonly number[]) => ({
  what: `${what}, median / p95 of ${rounds}`,
  value: `${median(times).toFixed(1)} ms / ${quantile(times, 0.95).toFixed(1)} ms`,
  bound: "≤ 100 ms",
  ok: quantile(times, 0.95) <= 100,
});
report("A rule's change, from the API's answer to new connections of running tasks", [
  row("authorised: the first that gets through", opened),
  row("revoked: the last that still got through", closed),
]);
