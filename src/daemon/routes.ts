/** What the control API tells: health, status, and the environment for AWS's tools. */
import type { monitorEventLoopDelay } from "node:perf_hooks";
import { ApiError } from "../gateway/api-error.ts";
import type { Clock, ManualClock } from "../seams/clock.ts";
import type { Store } from "../state/store.ts";
import type { Components } from "./components.ts";
import type { EngineConfig } from "./config.ts";
import type { ControlRoute } from "./control.ts";
import type { Drivers } from "./drivers.ts";
import { readStatus } from "./status.ts";

export const version = "0.1.0";

export type EngineFacts = {
  readonly config: EngineConfig;
  readonly engineId: string;
  readonly clock: Clock;
  readonly store: Store;
  readonly drivers: Drivers;
  readonly components: Components;
  readonly delay: ReturnType<typeof monitorEventLoopDelay>;
  readonly endpoint: () => string;
};

/** The routes that only tell. */
export function informingRoutes(facts: EngineFacts): ControlRoute[] {
  const { config, engineId, clock, store, drivers, components, delay } = facts;
  const common = () => ({
    endpoint: facts.endpoint(),
    engineId,
    runtime: config.runtime,
    components: components.states(),
  });
  return [
    {
      method: "GET",
      path: "health",
      run: () => ({
        status: "running",
        version,
        ...common(),
        region: config.region,
        account: config.account,
        time: {
          engine: new Date(clock.now()).toISOString(),
          wall: new Date(clock.wall()).toISOString(),
        },
        eventLoopDelayMs: { mean: delay.mean / 1e6, max: delay.max / 1e6 },
      }),
    },
    {
      method: "GET",
      path: "status",
      run: () => ({
        ...common(),
        portProblems: drivers.balancers.problems(),
        ...store.read(readStatus),
      }),
    },
    { method: "GET", path: "env", run: () => ({ variables: environmentOf(facts) }) },
    { method: "GET", path: "authority", run: () => authorityOf(drivers) },
  ];
}

function environmentOf({ config, drivers, endpoint }: EngineFacts): Record<string, string> {
  const docker = drivers.runtime.address();
  return {
    AWS_ENDPOINT_URL: endpoint(),
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: config.region,
    AWS_DEFAULT_REGION: config.region,
    ...(docker !== undefined && { DOCKER_HOST: docker }),
  };
}

/** Whom clients in a VPC have to trust to speak TLS with AWS's names. */
async function authorityOf({ authority }: Drivers): Promise<object> {
  if (authority) return { certificate: await authority.certificate() };
  const message = "there are no packets with the simulated runtime, and nobody to certify names";
  throw new ApiError("NotFound", message, { status: 404 });
}

/** Moves a manual clock as far as the body says. */
export async function advanceClock(
  clock: Clock,
  body: Readonly<Record<string, unknown>>,
): Promise<object> {
  const { seconds } = body;
  if (!("advance" in clock)) {
    throw new ApiError(
      "BadRequest",
      "only a manual clock can be advanced: start with --clock manual",
    );
  }
  if (typeof seconds !== "number" || !(seconds >= 0)) {
    throw new ApiError("BadRequest", 'say how far: {"seconds": 60}');
  }
  await (clock as ManualClock).advance(seconds * 1000);
  return { engine: new Date(clock.now()).toISOString() };
}
