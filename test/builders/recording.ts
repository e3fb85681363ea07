/**
 * Records what a client sends: a proxy in front of an engine, and the session made smaller and without
 * secrets. See `client-session.ts` for its form.
 */
import { createServer, type IncomingMessage, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { clock } from "../live/support/live-engine.ts";
import { describeMembers, type RecordedExchange, tokensIn } from "./client-session.ts";

export type Seen = {
  readonly at: number;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  readonly status: number;
  readonly answer: string;
};

export type RecordingProxy = { readonly endpoint: string; close(): void };

/** Passes everything on to the engine and notes it, in the order in which answers came. */
export async function startProxy(endpoint: string, seen: Seen[]): Promise<RecordingProxy> {
  const target = new URL(endpoint);
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
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
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

/** The session as it is kept. */
export const toSession = (seen: readonly Seen[]): RecordedExchange[] => prune(compact(seen));

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
