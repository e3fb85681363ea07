/**
 * Records what Terraform's AWS provider really sends, as the fixture of
 * `test/scenarios/terraform-session.test.ts`:
 *
 *     node tools/record-terraform.ts [stack ...]
 *
 * A proxy stands between Terraform and an engine on the simulated runtime while each stack is applied,
 * planned, changed where it has stages, and destroyed. What is kept holds no credentials: of headers the
 * ones that choose a protocol and the scope of the signature, and what the engine gave out (ids, keys) as
 * numbered placeholders. A read that says the same members as one before is kept once.
 */
import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import {
  describeMembers,
  type RecordedExchange,
  sessionFile,
  tokensIn,
} from "../test/builders/terraform-session.ts";
import { clock, type LiveEngine, startLiveEngine } from "../test/live/support/live-engine.ts";
import { findMirror, openTerraform } from "../test/live/support/terraform.ts";

type Stack = { readonly folder: string; readonly stages: readonly (readonly string[])[] };

const stacks: Readonly<Record<string, Stack>> = {
  "hello-fargate": { folder: "examples/hello-fargate/terraform", stages: [[]] },
  logs: { folder: "examples/logs/terraform", stages: [[], ["-var=retention_in_days=14"]] },
  secrets: { folder: "examples/secrets/terraform", stages: [[]] },
  iam: { folder: "test/fixtures/iam-terraform", stages: [["-var=stage=1"], ["-var=stage=2"]] },
};

type Seen = {
  readonly at: number;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  readonly status: number;
  readonly answer: string;
};

/** Passes everything on to the engine and notes it, in the order in which answers came. */
function startProxy(engine: LiveEngine, seen: Seen[]): Promise<Server> {
  const target = new URL(engine.endpoint);
  const server = createServer(async (incoming, outgoing) => {
    const { method = "GET", url = "/", headers } = incoming;
    const body = await textOf(incoming);
    const onward = send(
      { host: target.hostname, port: target.port, method, path: url, headers },
      async (answer) => {
        const text = await textOf(answer);
        const { statusCode: status = 0 } = answer;
        seen.push({ at: clock.monotonic(), method, url, headers, body, status, answer: text });
        outgoing.writeHead(status, answer.headers).end(text);
      },
    );
    onward.end(body);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function recordStack({ folder, stages }: Stack, mirror: string): Promise<Seen[]> {
  const seen: Seen[] = [];
  await using engine = await startLiveEngine({ args: ["--runtime", "simulated"] });
  const proxy = await startProxy(engine, seen);
  const endpoint = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const environment = async () => ({ ...(await engine.environment()), AWS_ENDPOINT_URL: endpoint });
  const terraform = await openTerraform({ ...engine, environment }, mirror, folder);
  try {
    const quiet = ["-input=false", "-no-color"];
    for (const variables of stages) {
      await terraform.ok("default", "apply", "-auto-approve", ...quiet, ...variables);
      await terraform.ok("default", "plan", "-detailed-exitcode", ...quiet, ...variables);
    }
    const last = stages.at(-1) ?? [];
    await terraform.ok("default", "destroy", "-auto-approve", ...quiet, ...last);
  } finally {
    terraform.dispose();
    proxy.closeAllConnections();
    proxy.close();
  }
  return seen;
}

const isRead = /^(Describe|Get|List|Simulate)/;
const keptHeaders = ["content-type", "x-amz-target"];

/** Of what answers give, only what a later request says again is kept. */
function prune(exchanges: readonly RecordedExchange[]): RecordedExchange[] {
  const said = new Set(
    exchanges.flatMap(({ url, body }) =>
      [...`${url} ${body}`.matchAll(/<\d+>/g)].map(([name]) => name),
    ),
  );
  const given = new Set<string>();
  return exchanges.map((exchange) => {
    const gives = exchange.gives.filter(([, name]) => said.has(name) && !given.has(name));
    for (const [, name] of gives) given.add(name);
    return { ...exchange, gives };
  });
}

function compact(seen: readonly Seen[]): RecordedExchange[] {
  const placeholders = new Map<string, string>();
  const known = new Set<string>();
  const hide = (text: string): string =>
    [...placeholders]
      .reduce((all, [token, name]) => all.replaceAll(token, name), text)
      .replace(/(?<=[&?]Password=)[^&]*/, "Of-nobody-1%21");
  let before = seen[0]?.at ?? 0;
  return seen.flatMap((one) => {
    const gap = Math.round((one.at - before) / 1000);
    const { operation, members } = describeMembers(one);
    const shape = `${operation} ${[...new Set(members.map(([name]) => name))].toSorted()}`;
    const gives = tokensIn(one.answer);
    const isNew = gives.some((token) => !placeholders.has(token));
    if (isRead.test(operation) && known.has(shape) && !isNew) return [];
    known.add(shape);
    before = one.at;
    const url = hide(one.url);
    const body = hide(one.body);
    for (const token of gives) {
      if (placeholders.has(token) || one.body.includes(token)) continue;
      placeholders.set(token, `<${placeholders.size}>`);
    }
    const headers = keptHeaders.flatMap((name) => {
      const value = one.headers[name];
      return typeof value === "string" ? [[name, value]] : [];
    });
    return [
      {
        operation,
        ...(gap > 0 && { gap }),
        scope:
          /Credential=[^/]+\/\d+\/([^/]+\/[^/]+)\//.exec(one.headers.authorization ?? "")?.[1] ??
          "",
        method: one.method,
        url,
        headers: Object.fromEntries(headers),
        body,
        status: one.status,
        gives: gives.flatMap((token, at): [number, string][] => {
          const name = placeholders.get(token);
          return name === undefined ? [] : [[at, name]];
        }),
      },
    ];
  });
}

const found = await findMirror();
if ("missing" in found) throw new Error(found.missing);
const asked = process.argv.slice(2);
for (const [name, stack] of Object.entries(stacks)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const folder = path.join(import.meta.dirname, "..", stack.folder);
  const exchanges = prune(compact(await recordStack({ ...stack, folder }, found.mirror)));
  const lines = exchanges.map((exchange) => JSON.stringify(exchange));
  await writeFile(sessionFile(name), `[\n${lines.join(",\n")}\n]\n`);
  process.stdout.write(`${name}: ${exchanges.length} requests\n`);
}
