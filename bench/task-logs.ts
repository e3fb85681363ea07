/**
 * Lines of a container on the way to its log stream, in blocking mode: how long one takes from its
 * writing (as Docker stamps it) to FilterLogEvents, and how many a second arrive of one that writes as
 * fast as it can, none lost.
 *
 *   npm run bench task-logs
 */
import { FilterLogEventsCommand, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { StopTaskCommand } from "@aws-sdk/client-ecs";
import { clock, startLiveEngine, until } from "../test/live/support/live-engine.ts";
import { cluster, openShellTasks, type ShellTasks } from "../test/live/support/shell-tasks.ts";
import { median, quantile, report } from "./report.ts";

const samples = 40;
const burst = 300_000;
const logGroupName = "/shell";

const idOf = (arn: string): string => arn.split("/").at(-1) ?? "";

async function run(shell: ShellTasks, family: string, script: string): Promise<string> {
  const container = shell.container("app", script, { stopTimeout: 2 });
  const options = { ...container.logConfiguration?.options, mode: "blocking" };
  const logConfiguration = { logDriver: "awslogs" as const, options };
  await shell.register(family, [{ ...container, logConfiguration }]);
  return shell.run(family);
}

/** Milliseconds from each line's stamp to the answer that has it. */
async function timeLines(shell: ShellTasks): Promise<number[]> {
  const script = "i=0; while :; do echo line $i; i=$((i+1)); sleep 0.2; done";
  const arn = await run(shell, "slow", script);
  const ask = new FilterLogEventsCommand({
    logGroupName,
    logStreamNames: [`t/app/${idOf(arn)}`],
    limit: 10_000,
  });
  const seen = new Set<string>();
  const times: number[] = [];
  while (times.length < samples) {
    const { events = [] } = await shell.clients.logs.send(ask).catch(() => ({ events: [] }));
    const now = clock.wall();
    const isFirst = seen.size === 0;
    for (const { message = "", timestamp = 0 } of events) {
      // What was written before the first answer says nothing.
      if (!seen.has(message) && !isFirst) times.push(now - timestamp);
      seen.add(message);
    }
    await clock.wallSleep(5);
  }
  await shell.clients.ecs.send(new StopTaskCommand({ cluster, task: arn }));
  return times;
}

async function allLines(shell: ShellTasks, logStreamName: string): Promise<string[]> {
  const lines: string[] = [];
  for (let nextToken: string | undefined; ; ) {
    const page = await shell.clients.logs.send(
      new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true, nextToken }),
    );
    lines.push(...(page.events ?? []).map(({ message }) => message ?? ""));
    if (!page.events?.length) return lines;
    nextToken = page.nextForwardToken;
  }
}

/** Lines a second from the first one's stamp to the last one's being readable, and how many are wrong. */
async function timeBurst(shell: ShellTasks): Promise<{ rate: number; wrong: number }> {
  const script = `i=0; while [ $i -lt ${burst} ]; do echo "$i of many lines"; i=$((i+1)); done`;
  const logStreamName = `t/app/${idOf(await run(shell, "burst", script))}`;
  const last = new GetLogEventsCommand({ logGroupName, logStreamName, limit: 1 });
  const ended = await until("the last line is there", 120_000, async () => {
    const { events } = await shell.clients.logs.send(last).catch(() => ({ events: [] }));
    return events?.[0]?.message?.startsWith(`${burst - 1} `) && clock.wall();
  });
  const head = new GetLogEventsCommand({
    ...{ logGroupName, logStreamName, limit: 1, startFromHead: true },
  });
  const begun = (await shell.clients.logs.send(head)).events?.[0]?.timestamp ?? 0;
  const lines = await allLines(shell, logStreamName);
  const wrong = lines.filter((line, at) => line !== `${at} of many lines`).length;
  const missing = Math.abs(burst - lines.length);
  return { rate: burst / ((ended - begun) / 1000), wrong: wrong + missing };
}

await using engine = await startLiveEngine();
const shell = await openShellTasks(engine);
const times = await timeLines(shell);
const { rate, wrong } = await timeBurst(shell);
const ms = (value: number): string => `${value.toFixed(0)} ms`;
report("Lines of a container, blocking mode", [
  {
    what: `a line's writing to FilterLogEvents, median / p95 of ${samples}`,
    value: `${ms(median(times))} / ${ms(quantile(times, 0.95))}`,
    bound: "≤ 250 ms",
    ok: quantile(times, 0.95) <= 250,
  },
  {
    what: `lines a second from one container (${burst.toLocaleString("en")} at once)`,
    value: Math.round(rate).toLocaleString("en"),
    bound: "≥ 20,000",
    ok: rate >= 20_000,
  },
  {
    what: "lines lost, doubled or out of order",
    value: String(wrong),
    bound: "0",
    ok: wrong === 0,
  },
]);
