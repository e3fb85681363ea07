/** Hostile requests against every declared operation, and what may never come of one. */

import type { ApiHandler } from "../../src/gateway/gateway.ts";
import type { ApiRequest, ApiResponse } from "../../src/gateway/request.ts";
import { loadModel, type WireModel } from "../../src/gateway/wire/model.ts";
import { type LinkedModel, linkModel } from "../../src/gateway/wire/shapes.ts";
import { sequentialIds } from "../../src/seams/ids.ts";
import type { RecordedLog } from "../../src/seams/logger.ts";
import { clientPackages } from "../../tools/wire-model.ts";
import { startAllServices } from "./all-services.ts";
import { hostileRequest } from "./hostile.ts";
import { hostileWords, prepareWorld } from "./hostile-world.ts";

export type FuzzFinding = {
  readonly operation: string;
  readonly reason: string;
  readonly request: string;
};

type Target = { readonly handle: ApiHandler; readonly logger: RecordedLog };

// A world is thrown away before what the requests made in it slows everything down.
const casesOfAWorld = 2_500;
/** Of the processor: how long it waits for one is the machine's affair. */
const slowestMs = 1_500;

/** `cases` requests, spread over all operations; the findings, each operation and reason once. */
export async function fuzzServices(cases: number, seed: number): Promise<FuzzFinding[]> {
  const { fraction } = sequentialIds(seed);
  const operations = declaredOperations();
  const findings = new Map<string, FuzzFinding>();
  for (let done = 0; done < cases; done += casesOfAWorld) {
    const cloud = await startAllServices();
    const words = [...hostileWords, ...(await prepareWorld(cloud))];
    for (let at = done; at < Math.min(cases, done + casesOfAWorld); at++) {
      const chosen = operations[at % operations.length];
      if (chosen) await tryOne(cloud, chosen, { fraction, words }, findings);
    }
    cloud.logger.lines.length = 0;
    await cloud.close();
  }
  return [...findings.values()];
}

/** The same for operations of other packages' models, whose service does nothing. */
export async function fuzzModel(
  target: Target,
  model: WireModel,
  cases: number,
  seed: number,
): Promise<FuzzFinding[]> {
  const { fraction } = sequentialIds(seed);
  const linked = linkModel(model);
  const names = Object.keys(model.operations);
  const findings = new Map<string, FuzzFinding>();
  for (let at = 0; at < cases; at++) {
    const name = names[at % names.length] ?? "";
    await tryOne(target, { linked, name }, { fraction, words: hostileWords }, findings);
  }
  return [...findings.values()];
}

export type Chosen = { readonly linked: LinkedModel; readonly name: string };

export function declaredOperations(): Chosen[] {
  return Object.keys(clientPackages).flatMap((service) => {
    const model = loadModel(service);
    const { protocol } = model.metadata;
    const spoken = protocol.startsWith("awsJson") ? ([protocol, "rpcv2Cbor"] as const) : [protocol];
    return spoken.flatMap((each) => {
      const linked = linkModel(model, each);
      return Object.keys(model.operations).map((name) => ({ linked, name }));
    });
  });
}

async function tryOne(
  { handle, logger }: Target,
  { linked, name }: Chosen,
  options: Parameters<typeof hostileRequest>[2],
  findings: Map<string, FuzzFinding>,
): Promise<void> {
  const request = hostileRequest(linked, name, options);
  const before = process.threadCpuUsage();
  const answer = await handle(request);
  const { user, system } = process.threadCpuUsage(before);
  const reason = explainFault(answer, (user + system) / 1_000, logger);
  logger.lines.length = 0;
  const operation = `${linked.model.metadata.signingName}:${name}`;
  if (reason === undefined || findings.has(`${operation} ${reason}`)) return;
  findings.set(`${operation} ${reason}`, { operation, reason, request: printRequest(request) });
}

// Names of files, frames of a stack, Node's own words.
export const leaks =
  /\.[tj]s:\d+|node_modules|node:internal|\n\s+at |SQLITE|Cannot read propert|is not a function/;

function explainFault(answer: ApiResponse, took: number, logger: RecordedLog): string | undefined {
  const body = Buffer.from(answer.body).toString();
  if (answer.status >= 500 && answer.status !== 501) {
    const { error } = logger.lines.find(({ level }) => level === "error")?.fields ?? {};
    return `status ${answer.status}: ${error instanceof Error ? firstLines(error) : body}`;
  }
  if (leaks.test(body)) return `tells of the inside: ${leaks.exec(body)?.[0]}`;
  if (body.includes(process.cwd())) return "tells a path";
  if ("polluted" in {}) return "pollutes the prototype of objects";
  return took > slowestMs ? `took ${Math.round(took)} ms` : undefined;
}

const firstLines = (error: Error): string =>
  (error.stack ?? error.message).split("\n").slice(0, 3).join(" ");

const printRequest = ({ method, url, headers, body }: ApiRequest): string =>
  `${method} ${url} ${headers["x-amz-target"] ?? ""} ${body.subarray(0, 1_500).toString("latin1")}`;
