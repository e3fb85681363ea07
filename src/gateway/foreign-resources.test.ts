/**
 * Accounts and regions apart, for every service: what one has made is neither seen nor touched from another,
 * whether it is named by id, by name or by ARN, and an ARN means what its account and region say.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startAllServices } from "../../test/builders/all-services.ts";
import {
  type Input,
  minimal,
  type Outcome,
  openCaller,
  readDeclared,
  serviceNames,
} from "../../test/builders/generic-calls.ts";
import { makeWorld, type World } from "../../test/builders/world.ts";
import type { ServiceName } from "../../tools/wire-model.ts";
import type { TestGateway } from "./testing.ts";
import { loadModel } from "./wire/model.ts";

// Every service and every client is loaded, which takes long on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const home = { account: "111111111111", region: "us-east-1" };
const elsewhere = [
  { account: "222222222222", region: "us-east-1" },
  { account: "111111111111", region: "eu-west-1" },
];

let cloud: TestGateway;
let world: World;
beforeAll(async () => {
  cloud = await startAllServices();
  world = await makeWorld(cloud, home, "homely");
});
afterAll(() => cloud.close());

/** What IAM has is at home in all regions, and so is whom STS gives credentials to. */
const isGlobal = (service: ServiceName): boolean => ["iam", "sts"].includes(service);

describe.each(serviceNames)("%s", (service) => {
  it("lists: at home they hold what was made, elsewhere nothing of it", async () => {
    const atHome = await everything(service, home);
    const own = [...world.known.values()];
    const seen = own.filter((one) => atHome.includes(one));
    if (service !== "sts") expect(seen).not.toEqual([]);
    for (const scope of elsewhere) {
      if (isGlobal(service) && scope.account === home.account) continue;
      const there = await everything(service, scope);
      expect(
        seen.filter((one) => there.includes(one)),
        JSON.stringify(scope),
      ).toEqual([]);
    }
  });

  it("named from elsewhere: not found, and nothing happens to it", async () => {
    const before = await everything(service, home);
    const { operations, constraints } = await readDeclared(service);
    const call = await openCaller(cloud, service);
    const odd: string[] = [];
    for (const { name, operation, input } of operations) {
      const named = input?.members.find(
        (member) => world.known.has(member.name) && member.name in operation.accepts,
      );
      if (!input || !named || /^(Create|Put|Register)/.test(name)) continue;
      for (const scope of elsewhere) {
        if (isGlobal(service) && scope.account === home.account) continue;
        const ask = {
          ...minimal(input, constraints),
          ...ids(input.members.map((one) => one.name)),
        };
        const outcome = await call(name, ask, scope);
        if (found(name, outcome, ask))
          odd.push(`${name} from ${scope.account}/${scope.region}: ${tell(outcome)}`);
      }
    }
    expect(odd).toEqual([]);
    expect(await everything(service, home)).toBe(before);
  });

  it("ARNs of another account, region or service: mean nothing at home", async () => {
    const before = await everything(service, home);
    const { operations, constraints } = await readDeclared(service);
    const { signingName } = loadModel(service).metadata;
    const call = await openCaller(cloud, service);
    const odd: string[] = [];
    for (const { name, operation, input } of operations) {
      for (const member of input?.members ?? []) {
        const isList = member.shape.kind === "list";
        const kind = isList ? "list" : member.shape.kind;
        if (!(member.name in operation.accepts) || !namesByArn.test(member.name)) continue;
        if (!input || !["list", "string"].includes(kind)) continue;
        for (const arn of world.arns.filter((one) => one.includes(`:${signingName}:`))) {
          for (const [what, wrong] of wrongArns(arn)) {
            const value = isList ? [wrong] : wrong;
            const ask = { ...minimal(input, constraints), [member.name]: value };
            const outcome = await call(name, ask, home);
            if (found(name, outcome, ask))
              odd.push(`${name} ${member.name} of another ${what} ${wrong}: ${tell(outcome)}`);
          }
        }
      }
    }
    expect(odd).toEqual([]);
    expect(await everything(service, home)).toBe(before);
  });
});

const namesByArn =
  /Arns?$|^(SecretId|KeyId|TargetKeyId|logGroupIdentifiers?|resourceIdentifier|clusters?|services?|tasks?|taskDefinitions?|ResourceId|Names?)$/;

function* wrongArns(arn: string): Iterable<[what: string, arn: string]> {
  const [head, partition, service, region, account, ...resource] = arn.split(":");
  if (account !== home.account) return;
  const of = (...parts: (string | undefined)[]): string => parts.join(":");
  yield ["account", of(head, partition, service, region, "222222222222", ...resource)];
  if (region) yield ["region", of(head, partition, service, "eu-west-1", account, ...resource)];
  yield ["service", of(head, partition, "sns", region, account, ...resource)];
}

const ids = (members: readonly string[]): Input =>
  Object.fromEntries(
    members.flatMap((member) =>
      world.known.has(member) ? [[member, world.known.get(member)]] : [],
    ),
  );

/** Every list that can be had without naming anything, as text. */
async function everything(service: ServiceName, scope: typeof home): Promise<string> {
  const { operations } = await readDeclared(service);
  const call = await openCaller(cloud, service);
  const told: string[] = [];
  for (const { name, input } of operations) {
    const needs = input?.members.some((member) => member.required) ?? false;
    if (!/^(List|Describe|GetAccount)/.test(name) || needs || name === "ListPolicies") continue;
    if (name === "DescribeKey") continue;
    const outcome = await call(name, {}, scope);
    const { $metadata: _, ...output } = outcome.type === "done" ? outcome.output : {};
    told.push(`${name} ${JSON.stringify(output)}`);
  }
  return told.join("\n");
}

/** A batch that says of each that it failed has found nothing, and neither has an empty list. */
function found(name: string, outcome: Outcome, asked: Input): boolean {
  if (outcome.type === "failed") return outcome.status >= 500 && outcome.status !== 501;
  const { $metadata: _, ...output } = outcome.output;
  const own = Object.entries(output).filter(([name]) => !notFound.test(name));
  if (Object.keys(output).length === 0) return !forgiving.test(name);
  const named = Object.values(asked).flat().map(String);
  const text = named.reduce((all, one) => all.replaceAll(one, ""), JSON.stringify(own));
  return text.includes(home.account) || text.includes("homely");
}

/** Reviewed: what is not there is as good as deleted to these, as AWS's documentation has it. */
const forgiving = /^Delete(LoadBalancer|TargetGroup|OpenIDConnectProvider)$/;

const notFound = /^(failures|Errors|InvalidParameters)$/;

const tell = (outcome: Outcome): string =>
  (outcome.type === "failed"
    ? `${outcome.status} ${outcome.code}`
    : JSON.stringify(outcome.output)
  ).slice(0, 150);
