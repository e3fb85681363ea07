/**
 * An edge namespace with one balancer node and targets behind it, made by hand: what the network
 * driver would make, without it.
 */
import {
  type ChildProcess,
  execFileSync,
  execFile as execFileWithCallback,
  spawn,
} from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import {
  edgeLinkName,
  edgeNamespace,
  hostNamespace,
  metadataLinkName,
} from "../../../src/dataplane/network/names.ts";

const execFile = promisify(execFileWithCallback);

/** A target that answers with its own address and the request's headers, as its script says. */
const targetProgram = `
const http = require("node:http");
let mode = "200";
process.stdin.setEncoding("utf8").on("data", (text) => { mode = text.trim(); console.log("mode"); });
const [address] = process.argv.slice(1);
http.createServer((request, response) => {
  const isCheck = /^ELB-HealthChecker/.test(request.headers["user-agent"] ?? "");
  if (mode === "hang") return;
  const code = isCheck && /^\\d+$/.test(mode) ? Number(mode) : 200;
  const body = JSON.stringify({ address, client: request.socket.remoteAddress, headers: request.headers, seen: checks });
  if (isCheck) checks.push({ host: request.headers.host, agent: request.headers["user-agent"], from: request.socket.remoteAddress, url: request.url });
  const delay = Number(new URL(request.url, "http://x").searchParams.get("delay") ?? 0);
  setTimeout(() => { response.writeHead(code, { "content-type": "application/json", server: "target/1" }); response.end(body); }, delay);
}).listen(80, address, () => console.log("listening"));
const checks = [];
`;

export type Answer = {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
};

export type EdgeBench = {
  readonly engineId: string;
  readonly stateDir: string;
  readonly interfaceId: string;
  readonly nodeAddress: string;
  readonly vpcId: string;
  /** Starts a target at the address; it passes its checks. */
  startTarget(address: string): Promise<void>;
  /** `200`, `503` …: what checks get; `hang`: no answer to anything. */
  setMode(address: string, mode: string): Promise<void>;
  stopTarget(address: string): Promise<void>;
  /** Packets to this port of any target are lost. */
  dropPort(port: number): void;
  /** A program inside the targets' namespace. */
  runInside(program: string, args: readonly string[]): Promise<string>;
  remove(): void;
};

export const interfaceId = "eni-0123456789abcdef0";
export const vpcId = "vpc-0123456789abcdef0";

export function edgeBench(): EdgeBench {
  const engineId = randomBytes(3).toString("hex");
  const stateDir = mkdtempSync(path.join(tmpdir(), "ng-edge-"));
  const edge = edgeNamespace(engineId);
  const host = hostNamespace(engineId);
  const inside = `ng${engineId}-t`;
  const link = edgeLinkName(interfaceId);
  const metadata = metadataLinkName(vpcId);
  const ip = (...args: string[]): string => execFileSync("ip", args, { encoding: "utf8" });
  ip("netns", "add", edge);
  ip("netns", "add", inside);
  ip("netns", "attach", host, String(process.pid));
  for (const [namespace, name] of [
    [edge, "lo"],
    [inside, "lo"],
  ] as const) {
    ip("-n", namespace, "link", "set", name, "up");
  }
  const join = (name: string, far: string, near: string, address: string): void => {
    ip("-n", edge, "link", "add", name, "type", "veth", "peer", "name", far, "netns", inside);
    ip("-n", edge, "addr", "add", near, "dev", name);
    ip("-n", inside, "addr", "add", address, "dev", far);
    ip("-n", edge, "link", "set", name, "up");
    ip("-n", inside, "link", "set", far, "up");
  };
  join(link, "eth0", "10.77.0.1/24", "10.77.0.2/24");
  join(metadata, "eth1", "169.254.170.2/24", "169.254.170.9/24");

  const targets = new Map<string, ChildProcess>();
  const stopTarget = (address: string): Promise<void> =>
    new Promise((resolve) => {
      const child = targets.get(address);
      targets.delete(address);
      if (!child) return resolve();
      child.once("exit", () => resolve());
      child.kill("SIGKILL");
    });
  return {
    engineId,
    stateDir,
    interfaceId,
    nodeAddress: "10.77.0.1",
    vpcId,
    startTarget(address) {
      if (address !== "10.77.0.2")
        ip("-n", inside, "addr", "replace", `${address}/24`, "dev", "eth0");
      const child = spawn(
        "nsenter",
        [`--net=/run/netns/${inside}`, process.execPath, "-e", targetProgram, address],
        { stdio: ["pipe", "pipe", "inherit"] },
      );
      targets.set(address, child);
      return new Promise((resolve) => child.stdout?.once("data", () => resolve()));
    },
    setMode(address, mode) {
      const child = targets.get(address);
      child?.stdin?.write(`${mode}\n`);
      return new Promise((resolve) => child?.stdout?.once("data", () => resolve()));
    },
    stopTarget,
    dropPort(port) {
      const rules = `table ip drops { chain in { type filter hook input priority 0; tcp dport ${port} drop; }; }`;
      execFileSync("nsenter", [`--net=/run/netns/${inside}`, "nft", "-f", "-"], { input: rules });
    },
    async runInside(program, args) {
      const options = [`--net=/run/netns/${inside}`, program, ...args];
      return (await execFile("nsenter", options)).stdout;
    },
    remove() {
      for (const child of targets.values()) child.kill("SIGKILL");
      for (const namespace of [edge, inside, host]) ip("netns", "del", namespace);
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

export function request(options: http.RequestOptions & { timeoutMs?: number }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = http.request({ agent: false, ...options }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }),
      );
      answer.on("error", reject);
    });
    sent.setTimeout(options.timeoutMs ?? 60_000, () => sent.destroy(new Error("timed out")));
    sent.on("error", reject);
    sent.end();
  });
}
