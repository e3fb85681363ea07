/**
 * The balancers on HAProxy: one process in the edge namespace, which goes on serving and checking
 * when the engine ends and is adopted by the next one.
 *
 * A change of frontends, rules or backends is a reload, in which no request is lost and no target's
 * health is forgotten; a change of targets goes over the admin socket.
 */
import type { EdgePlan } from "../../../model/edge-plan.ts";
import type { CheckVerdict } from "../../../model/load-balancing.ts";
import type { Clock, Timer } from "../../../seams/clock.ts";
import type { Exec } from "../../../seams/exec.ts";
import type { Logger } from "../../../seams/logger.ts";
import { PrerequisiteError } from "../../errors.ts";
import { edgeNamespace } from "../../network/names.ts";
import type { LoadBalancerDataplane, PortProblem, TargetObservation } from "../port.ts";
import { descriptorLimit, explainPort, readLinks } from "./calls.ts";
import type { ServerPlan } from "./groups.ts";
import { filesIn } from "./names.ts";
import { haproxyProcess, structureOf } from "./process.ts";
import {
  batchesOf,
  complaintsIn,
  parseServerStates,
  planServerCommands,
  serverKey,
} from "./servers.ts";
import { hostPortsOf, type Translation, translate } from "./translate.ts";
import { isSameVerdict, nextVerdict, parseStatistics } from "./verdicts.ts";

export type HaproxyOptions = {
  readonly engineId: string;
  readonly stateDir: string;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where the engine takes connections to 169.254.170.2, with PROXY v2. */
  readonly metadataSocket: string;
};

/** Wall milliseconds between two looks at the checks. */
const pollMs = 200;
/** The same with many servers, whose statistics take longer to read. */
const pollManyMs = 1000;
const many = 200;
const missingLinkRetryMs = 100;
const problemRetryMs = 2000;
/** The kernel takes socket paths of 107 bytes; HAProxy appends to them while it starts. */
const longestSocketPath = 92;
const stillBusy = /still has connections attached/;

type Probed = { readonly bindable: readonly number[]; readonly refused: readonly PortProblem[] };
type Checked = { readonly server: ServerPlan; readonly verdict: CheckVerdict };

export function haproxyBalancer(options: HaproxyOptions): LoadBalancerDataplane {
  const { engineId, exec, clock, logger, metadataSocket } = options;
  const files = filesIn(options.stateDir);
  const haproxy = haproxyProcess({ engineId, files, exec, clock });
  const maxConnections = connectionsWithin(descriptorLimit());
  const listeners = new Set<(observations: readonly TargetObservation[]) => void>();
  const checked = new Map<string, Checked>();
  let plan: EdgePlan | undefined;
  let problems: readonly PortProblem[] = [];
  let retry: Timer | undefined;
  let poll: Timer | undefined;
  let stopped = false;
  let last: Promise<void> = Promise.resolve();

  /** One at a time: two reloads side by side would hand over to the wrong process. */
  const settleNext = (): Promise<void> => {
    const next = last.then(settle, settle);
    last = next.catch(() => {});
    return next;
  };

  const settle = async (): Promise<void> => {
    if (!plan || stopped) return;
    retry?.cancel();
    const held = haproxy.started();
    if (!held && isEmpty(plan)) return;
    const links = await readLinks(exec, edgeNamespace(engineId));
    const { bindable, refused } = await probePorts(plan, new Set(held?.hostPorts));
    const translation = translate(plan, {
      engineId,
      files,
      metadataSocket,
      maxConnections,
      hostPorts: new Set(bindable),
      links,
    });
    if (held?.structure !== structureOf(translation)) {
      await haproxy.replace(translation, bindable);
    }
    noteProblems(refused);
    const busy = await syncServers(translation);
    haproxy.record(translation);
    noteChecked(translation);
    schedule(translation, busy);
  };

  const probePorts = async (wanted: EdgePlan, held: ReadonlySet<number>): Promise<Probed> => {
    const bindable: number[] = [];
    const refused: PortProblem[] = [];
    for (const port of hostPortsOf(wanted)) {
      const reason = held.has(port) ? undefined : await explainPort(port);
      if (reason === undefined) bindable.push(port);
      else refused.push({ port, reason });
    }
    return { bindable, refused };
  };

  const noteProblems = (refused: readonly PortProblem[]): void => {
    for (const { port, reason } of refused) {
      if (!problems.some((known) => known.port === port)) logger.warn(reason, { port });
    }
    problems = refused;
  };

  /** Returns whether a server could not be deleted yet, because it still ends a request. */
  const syncServers = async (translation: Translation): Promise<boolean> => {
    const actual = parseServerStates(await haproxy.run(["show servers state"]));
    let busy = false;
    for (const batch of batchesOf(planServerCommands(translation.servers, actual))) {
      for (const complaint of complaintsIn(await haproxy.run(batch))) {
        if (stillBusy.test(complaint)) busy = true;
        else logger.warn("HAProxy refused a command", { complaint });
      }
    }
    return busy;
  };

  /** New registrations begin unchecked; those that are over are forgotten. */
  const noteChecked = ({ servers }: Translation): void => {
    const wanted = new Map(
      servers
        .filter((server) => server.checked && server.duty !== "draining")
        .map((server) => [serverKey(server), server]),
    );
    for (const key of checked.keys()) if (!wanted.has(key)) checked.delete(key);
    const begun: Checked[] = [];
    for (const [key, server] of wanted) {
      const verdict = checked.get(key)?.verdict ?? { type: "checking" };
      if (!checked.has(key)) begun.push({ server, verdict });
      checked.set(key, { server, verdict });
    }
    tell(begun);
  };

  const tell = (changed: readonly Checked[]): void => {
    if (changed.length === 0) return;
    const observations = changed.map(toObservation);
    for (const listener of listeners) listener(observations);
  };

  const schedule = ({ missingLinks }: Translation, busy: boolean): void => {
    if (missingLinks.length > 0) retryAfter(missingLinkRetryMs);
    else if (problems.length > 0 || busy) retryAfter(problemRetryMs);
    if (checked.size > 0 && !poll) pollAfter(0);
  };

  const retryAfter = (ms: number): void => {
    retry?.cancel();
    retry = clock.wallAfter(ms, () => {
      settleNext().catch((error: unknown) => {
        logger.warn("the balancers could not be brought up to date", { error });
        if (!stopped) retryAfter(problemRetryMs);
      });
    });
  };

  const pollAfter = (ms: number): void => {
    poll = clock.wallAfter(ms, () => {
      pollOnce()
        .catch((error: unknown) => {
          logger.warn("HAProxy's checks could not be read; looking after it", { error });
          retryAfter(0);
        })
        .finally(() => {
          poll = undefined;
          if (checked.size > 0 && !stopped) pollAfter(checked.size > many ? pollManyMs : pollMs);
        });
    });
  };

  const pollOnce = async (): Promise<void> => {
    const statistics = parseStatistics(await haproxy.run(["show stat -1 4 -1"]));
    const changed: Checked[] = [];
    for (const one of statistics) {
      const known = checked.get(serverKey(one));
      if (!known) continue;
      const verdict = nextVerdict(known.verdict, one);
      if (isSameVerdict(verdict, known.verdict)) continue;
      const next = { server: known.server, verdict };
      checked.set(serverKey(one), next);
      changed.push(next);
    }
    tell(changed);
  };

  return {
    kind: "haproxy",
    async start() {
      if (files.gatewaySocket.length > longestSocketPath) {
        throw new PrerequisiteError(
          `the state directory's path is too long for a socket (${files.gatewaySocket}); choose a shorter --state-dir`,
        );
      }
      await requireHaproxy(exec);
      stopped = false;
    },
    async stop({ removeAll }) {
      stopped = true;
      retry?.cancel();
      poll?.cancel();
      await last;
      // A driver that starts again knows nothing of what it was told before.
      poll = undefined;
      plan = undefined;
      checked.clear();
      if (removeAll) await haproxy.remove();
    },
    apply(wanted) {
      plan = wanted;
      return settleNext();
    },
    watch(listener) {
      listeners.add(listener);
      if (checked.size > 0) listener([...checked.values()].map(toObservation));
      return () => listeners.delete(listener);
    },
    problems: () => problems,
  };
}

const isEmpty = ({ balancers, metadata }: EdgePlan): boolean =>
  balancers.length === 0 && metadata.length === 0;

const toObservation = ({ server, verdict }: Checked): TargetObservation => ({
  targetGroupArn: server.targetGroupArn,
  address: server.target.address,
  port: server.target.port,
  registeredAt: server.target.registeredAt,
  verdict,
});

/** Each connection takes two descriptors; listeners, checks and logs take their own. */
function connectionsWithin(descriptors: number): number {
  const most = 20_000;
  const reserve = 1000;
  return Math.max(100, Math.min(most, Math.floor((descriptors - reserve) / 2)));
}

async function requireHaproxy(exec: Exec): Promise<void> {
  try {
    const { code } = await exec.run("haproxy", ["-v"]);
    if (code === 0) return;
  } catch {
    // Not there.
  }
  throw new PrerequisiteError("HAProxy is missing: apt-get install --yes haproxy");
}
