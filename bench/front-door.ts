/**
 * Requests per second and how long they take, signed, verified and evaluated: the front door against
 * `moto_server` and against a bare Node server that parses and answers JSON.
 *
 *   NEARGATE_MOTO=<path of moto_server> npm run bench front-door
 *
 * The requests are those that the AWS SDK sends, signed anew for each server, no two alike, with the key
 * of an IAM user whose managed policy allows the three calls; `wrk` sends them from a process of its own
 * over connections that stay open. The servers take turns, so that what else the machine does falls on
 * each. Needs `wrk` (`apt-get install wrk`); without `NEARGATE_MOTO` (`pip install 'moto[server]'`) its
 * column is left out, and said to be. On a busy machine throughput says more of the machine than of the
 * servers; the processor time a request, all threads of a server and what the kernel does for it, does not.
 */
import { realClock } from "../src/seams/clock.ts";
import { processExec } from "../src/seams/exec.ts";
import { type ServerProcess, startBare, startEngine, startMoto } from "./front-door-servers.ts";
import { median, type Row, report } from "./report.ts";
import { type CallName, callNames, signedRequests, withJsonBody } from "./signed-requests.ts";
import { type Measured, runWrk } from "./wrk.ts";

const tools = { clock: realClock(), exec: processExec() };
const load = { connections: 16, seconds: 3 };
const rounds = 5;
const requestsEach = 2_000;

const leastOfBare = 0.4;
const leastOfMoto = 8;

type Contender = {
  readonly name: string;
  readonly server: ServerProcess;
  /** The least ratio of the engine's throughput to its own; undefined of the engine itself. */
  readonly bound: number | undefined;
  /** What becomes of a request of the SDK. */
  readonly adapt: (request: string) => string;
};

const same = (request: string): string => request;

async function startAll(): Promise<Contender[]> {
  const engine = await startEngine();
  const bare = await startBare(engine.key, tools);
  const program = process.env["NEARGATE_MOTO"];
  const moto = program === undefined ? undefined : await startMoto(program, tools);
  if (!moto) {
    process.stdout.write("\nNO COLUMN FOR MOTO: NEARGATE_MOTO does not name a moto_server\n");
  }
  return [
    { name: "Neargate", server: engine, bound: undefined, adapt: same },
    { name: "bare Node server", server: bare, bound: leastOfBare, adapt: withJsonBody },
    ...(moto ? [{ name: "moto_server", server: moto, bound: leastOfMoto, adapt: same }] : []),
  ];
}

/** A call at a contender, and how its rounds went. */
type Lane = {
  readonly call: CallName;
  readonly server: ServerProcess;
  readonly requests: readonly string[];
  readonly measured: Measured[];
};

async function prepareLanes(contenders: readonly Contender[]): Promise<Lane[]> {
  const lanes: Lane[] = [];
  for (const call of callNames) {
    for (const { server, adapt } of contenders) {
      const signed = await signedRequests(call, server.port, server.key, requestsEach);
      lanes.push({ call, server, requests: signed.map(adapt), measured: [] });
    }
  }
  return lanes;
}

/** In turns; the first round, in which code is still being compiled, does not count. */
async function runRounds(lanes: readonly Lane[]): Promise<void> {
  for (let round = 0; round <= rounds; round++) {
    for (const { server, requests, measured } of lanes) {
      const result = await runWrk(tools.exec, server, requests, load);
      if (round > 0) measured.push(result);
    }
  }
}

/**
 * Medians; of processor time the least, since what the machine does besides only adds to it: whoever shares
 * the processors throws what the server needs out of their caches.
 */
function middle(all: readonly Measured[]): Measured {
  const of = (pick: (each: Measured) => number): number => median(all.map(pick));
  return {
    perSecond: of((m) => m.perSecond),
    p50: of((m) => m.p50),
    p99: of((m) => m.p99),
    cpu: Math.min(...all.map(({ cpu }) => cpu)),
  };
}

const show = ({ perSecond, p50, p99, cpu }: Measured): string =>
  `${Math.round(perSecond).toLocaleString("en")}/s, ${p50.toFixed(1)} / ${p99.toFixed(1)} ms, ${cpu.toFixed(1)} µs`;

function toRows(call: CallName, contenders: readonly Contender[], all: Measured[]): Row[] {
  const ours = all[0];
  return contenders.flatMap(({ name, bound }, at): Row[] => {
    const measured = all[at];
    if (!measured || !ours) return [];
    const row = {
      what: `${call}, p50 / p99, processor time a request: ${name}`,
      value: show(measured),
    };
    if (bound === undefined) return [row];
    const ratio = ours.perSecond / measured.perSecond;
    const value = `${ratio.toFixed(2)} ×`;
    const compared = { what: `ratio to ${name}`, value, bound: `≥ ${bound} ×`, ok: ratio >= bound };
    const byProcessor = `${(measured.cpu / ours.cpu).toFixed(2)} ×`;
    return [row, compared, { what: `by processor time, to ${name}`, value: byProcessor }];
  });
}

const contenders = await startAll();
try {
  const lanes = await prepareLanes(contenders);
  await runRounds(lanes);
  const rows = callNames.flatMap((call) => {
    const all = lanes.filter((lane) => lane.call === call).map((lane) => middle(lane.measured));
    return toRows(call, contenders, all);
  });
  report(`The front door (medians of ${rounds}, ${load.connections} connections)`, rows);
} finally {
  for (const { server } of contenders) await server.stop();
}
