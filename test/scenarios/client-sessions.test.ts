/**
 * What Terraform's AWS provider sends, recorded by `tools/record-terraform.ts`, and what the AWS SDK for Go
 * does, sent again to a whole engine on a manual clock: a second reader of the protocols, whose serialiser
 * is not the one that our wire models come from.
 */
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/daemon/config.ts";
import { type Engine, startEngine } from "../../src/daemon/engine.ts";
import { readCredential } from "../../src/gateway/identity.ts";
import { type ApiRequest, openEnvelope } from "../../src/gateway/request.ts";
import { catalogueServices } from "../../src/gateway/routing/catalog.ts";
import { findOperation, type Route, readAsked } from "../../src/gateway/routing/route.ts";
import type { Shape } from "../../src/gateway/wire/shapes.ts";
import { services as declared } from "../../src/services/index.ts";
import { unusable } from "../../tools/declared-services.ts";
import {
  describeMembers,
  type Member,
  type RecordedExchange,
  readSession,
  tokensIn,
} from "../builders/client-session.ts";

const stacks = ["hello-fargate", "logs", "secrets", "iam", "go-sdk"];
const catalogue = catalogueServices(declared(unusable as never));

describe.each(stacks)("%s, as its client sent it", (stack) => {
  const session = readSession(stack);

  it("every request: routed to its operation, and every member read with its value", async () => {
    for (const recorded of session.filter(({ status }) => status !== 501)) {
      const exchange = { ...recorded, body: recorded.body.replaceAll(/<\d+>/g, "0000") };
      const { route, input } = await decode(exchange);
      expect(route.name).toBe(exchange.operation);
      expect(route.service.linked.model.metadata.signingName).toBe(exchange.scope.split("/")[1]);
      const { members } = describeMembers(exchange);
      const shape = route.linked.operation(route.name)?.input;
      const read = shape ? leavesOf(shape, input) : [];
      const said = members
        .filter(([, value]) => value !== "")
        .map(([name, value]): Member => [name.replaceAll(".member", ""), value]);
      expect(read.toSorted(byText), exchange.operation).toEqual(said.toSorted(byText));
    }
  });

  it("sent again from first to last: answered as it was then", async () => {
    const engine = await start();
    try {
      const bound = new Map<string, string>();
      for (const [at, exchange] of session.entries()) {
        await engine.advance((exchange.gap ?? 0) * 1000 + 1);
        const answer = await fetch(`${engine.endpoint}${bind(exchange.url, bound)}`, {
          method: exchange.method,
          headers: headersOf(exchange),
          body: bind(exchange.body, bound),
        });
        const text = await answer.text();
        const told = `${at}: ${exchange.operation} ${bind(exchange.body, bound)}: ${text}`;
        expect(answer.status, told).toBe(exchange.status);
        const tokens = tokensIn(text);
        for (const [index, placeholder] of exchange.gives) {
          bound.set(placeholder, tokens[index] ?? "");
        }
      }
    } finally {
      await engine.stop({ removeAll: true });
    }
  }, 180_000);
});

async function start(): Promise<Engine> {
  const options = { port: "0", runtime: "simulated", clock: "manual", region: "ap-northeast-1" };
  const engine = await startEngine({ ...readConfig(options), stateDir: undefined });
  await engine.ready;
  return engine;
}

/** With the tokens that this engine gave out in place of those of the recorded one. */
const bind = (text: string, bound: ReadonlyMap<string, string>): string =>
  text.replaceAll(/<\d+>/g, (placeholder) => bound.get(placeholder) ?? placeholder);

function headersOf({ headers, scope }: RecordedExchange): Record<string, string> {
  const credential = `test/20261121/${scope}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0`;
  return { ...headers, authorization };
}

async function decode(exchange: RecordedExchange): Promise<{ route: Route; input: object }> {
  const { method, url } = exchange;
  const headers = { ...headersOf(exchange), host: "127.0.0.1" };
  const body = Buffer.from(exchange.body);
  const request: ApiRequest = { method, url, headers, body };
  const envelope = openEnvelope(request);
  const credential = readCredential(envelope);
  const route = await findOperation(
    envelope,
    credential,
    readAsked(envelope, credential, catalogue),
  );
  const { parameters } = envelope;
  const payload = { body, parameters, headers, labels: new Map(), query: new Map() };
  const { input, unknown } = route.codec.decode(payload, route.linked.operation(route.name));
  expect(unknown).toEqual([]);
  return { route, input };
}

const byText = (one: Member, other: Member): number => (one.join() < other.join() ? -1 : 1);

/** The leaves of a decoded input under the names that the wire has. */
function leavesOf(shape: Shape, value: unknown, name = ""): Member[] {
  const join = (step: string): string => (name === "" ? step : `${name}.${step}`);
  switch (shape.kind) {
    case "structure":
    case "union":
      return shape.members.flatMap((member) => {
        const held = (value as Record<string, unknown>)[member.name];
        return held === undefined ? [] : leavesOf(member.shape, held, join(member.inputName));
      });
    case "list":
      return (value as unknown[]).flatMap((one) => leavesOf(shape.member.shape, one, name));
    case "map":
      return Object.entries(value as object).flatMap(([key, one]) =>
        leavesOf(shape.value.shape, one, join(key)),
      );
    default:
      return value === "" ? [] : [[name, printLeaf(value)]];
  }
}

const printLeaf = (value: unknown): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString("base64") : String(value);
