/** For tests that say what the members of a request do: `shown` runs it with each of them and without. */

import { findUnacted } from "../../src/gateway/routing/accepts.ts";
import type { AnyOperation } from "../../src/gateway/service.ts";
import { findBroken, loadConstraints } from "../../src/gateway/wire/constraints.ts";
import { loadModel } from "../../src/gateway/wire/model.ts";
import { findMissing } from "../../src/gateway/wire/required.ts";
import { linkModel } from "../../src/gateway/wire/shapes.ts";
import { sequentialIds } from "../../src/seams/ids.ts";
import { rootAccess } from "../../src/state/authorization.ts";
import type { ServiceName } from "../../tools/wire-model.ts";
import { type AllServices, startAllServices } from "./all-services.ts";
import { type Input, openCaller } from "./generic-calls.ts";
import { effectsOf, evidenceFolder, keepAll } from "./member-evidence.ts";
import { reviewed } from "./reviewed-members.ts";
import { makeWorld, type World } from "./world.ts";

export type MemberRoom = {
  readonly cloud: AllServices;
  readonly world: World;
  /** What the SDK answers; throws what it is refused with. */
  call(service: ServiceName, operation: string, input: Input): Promise<Input>;
  /**
   * The members of `input` that do nothing, nested ones too, apart from those reviewed. The request must be one that is accepted; it
   * leaves nothing behind.
   */
  idle(service: ServiceName, operation: string, input: Input): Promise<string[]>;
};

const scope = { account: "111111111111", region: "us-east-1" };

export async function openMemberRoom(): Promise<MemberRoom> {
  const cloud = await startAllServices();
  const world = await makeWorld(cloud, scope, "homely");
  return {
    cloud,
    world,
    async call(service, operation, input) {
      const outcome = await (await openCaller(cloud, service))(operation, input, scope);
      if (outcome.type === "done") return outcome.output;
      throw new Error(`${operation}: ${outcome.code}: ${outcome.message}`);
    },
    async idle(service, name, input) {
      const operation = await operationOf(cloud, service, name);
      requireValid(service, name, operation, input);
      const { write, read } = cloud.store;
      const store = { write, read };
      const effects = await effectsOf(operation, contextOf(cloud), store, input);
      if (evidenceFolder !== undefined) keepAll(`${service} ${name}`, effects);
      const idle = [...effects].filter(([, effect]) => effect === undefined);
      return idle.flatMap(([member]) => (reviewed(`${service} ${name}`, member) ? [] : [member]));
    },
  };
}

async function operationOf(
  { declared }: AllServices,
  service: ServiceName,
  name: string,
): Promise<AnyOperation> {
  const source = declared.find((one) => one.name === service);
  const module = source && "load" in source ? await source.load() : source;
  const operation = module?.operations[name];
  if (!operation) throw new Error(`${service} has no ${name}`);
  return operation;
}

/** Throws for what the gateway would refuse before the operation. */
function requireValid(
  service: ServiceName,
  name: string,
  { accepts }: AnyOperation,
  input: Input,
): void {
  const shape = linkModel(loadModel(service)).operation(name)?.input;
  if (!shape) throw new Error(`${name} takes nothing`);
  const constraints = loadConstraints(service);
  const wrong = [
    ...findUnacted(input, accepts),
    ...findMissing(shape, input).map(String),
    ...(constraints ? findBroken(shape, input, constraints) : []).map((one) => JSON.stringify(one)),
  ];
  if (wrong.length > 0) throw new Error(`${name}: ${wrong.join(", ")}`);
}

const contextOf = ({ clock, logger }: AllServices) => {
  const { account } = scope;
  const { principal } = rootAccess(account);
  const arn = `arn:aws:iam::${account}:root`;
  return {
    scope,
    caller: { account, arn, userId: account, accessKeyId: account, principal, session: undefined },
    requestId: "request",
    now: clock.now(),
    wall: clock.wall(),
    ids: sequentialIds(),
    logger,
    endpoint: { host: "127.0.0.1", port: 4566 },
    authorize: () => {},
  };
};
