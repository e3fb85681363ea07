/**
 * What a simulated container does, as text that a person writes into an environment variable or a tag.
 *
 * `NEARGATE_SIM` holds directives apart by `;`, times being `500ms`, `10s`, `2m` after the start:
 *
 *     exit:7@10s        ends with code 7 after ten seconds (`exit:7`: at once)
 *     oom@5s            is killed for using too much memory
 *     log:hello@1s      writes a line (`err:…` to stderr)
 *     health:fail@10s   its health check fails from then on; `health:pass@20s`: succeeds again
 *     cpu:50@10s        computes with half a processor from then on (percent of one)
 *     mem:64@10s        holds 64 MiB from then on
 *     disk:100@10s      has 100 MiB on disk from then on
 *     ignore:term       only SIGKILL ends it
 *     start:fail        cannot be started (`start:fail-2`: the first two times)
 *     start:hang        starting never ends
 *     pull:not-found    the registry has no such image; also `pull:unavailable`, `pull:hang`
 *
 * A tag that begins with `sim.` holds the same with `-` for `:` and `@`, and `.` between directives:
 * `app:sim.exit-7-10s.ignore-term`. That is the only place for `pull`, as no container is there yet.
 */
import { DriverError } from "../../errors.ts";

export type ScriptStep = { readonly atMs: number } & (
  | { readonly type: "exit"; readonly exitCode: number; readonly oomKilled: boolean }
  | { readonly type: "health"; readonly passes: boolean }
  | { readonly type: "cpu"; readonly percent: number }
  | { readonly type: "memory"; readonly mebibytes: number }
  | { readonly type: "disk"; readonly mebibytes: number }
  | { readonly type: "log"; readonly stream: "stdout" | "stderr"; readonly text: string }
);

export type SimulatedScript = {
  readonly pull: "works" | "not-found" | "unavailable" | "hangs";
  readonly start:
    | { readonly type: "works" }
    | { readonly type: "hangs" }
    /** Fails this many times; for ever when undefined. */
    | { readonly type: "fails"; readonly times: number | undefined };
  readonly ignoresTerm: boolean;
  readonly steps: readonly ScriptStep[];
};

const idleScript: SimulatedScript = {
  pull: "works",
  start: { type: "works" },
  ignoresTerm: false,
  steps: [],
};

/** Throws `DriverError` (fatal) on a directive it does not know, so that a slip of the pen does not pass for success. */
export function parseScript(text: string): SimulatedScript {
  const directives = text.split(";").flatMap((part) => part.trim() || []);
  return directives.reduce(withDirective, idleScript);
}

/** The script in an image's tag; undefined when the tag holds none. */
export function scriptOfReference(reference: string): SimulatedScript | undefined {
  const tag = /:([^/@]+)(?:@.*)?$/.exec(reference)?.[1];
  if (!tag?.startsWith("sim.")) return undefined;
  const directives = tag
    .slice("sim.".length)
    .split(".")
    .map((part) => part.replace(/-(\d+(?:ms|s|m))$/, "@$1").replace("-", ":"));
  return parseScript(directives.join(";"));
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

function withDirective(script: SimulatedScript, directive: string): SimulatedScript {
  const parts = /^([a-z]+)(?::(.*?))?(?:@(\d+)(ms|s|m))?$/s.exec(directive);
  const [, verb = "", argument = "", amount = "0", unit = "ms"] = parts ?? [];
  const atMs = Number(amount) * (unitMs[unit] ?? 1);
  const step = (added: ScriptStep): SimulatedScript => ({
    ...script,
    steps: [...script.steps, added],
  });
  if (verb === "exit" && /^\d{1,3}$/.test(argument)) {
    return step({ type: "exit", atMs, exitCode: Number(argument), oomKilled: false });
  }
  if (verb === "oom") return step({ type: "exit", atMs, exitCode: 137, oomKilled: true });
  if (verb === "log") return step({ type: "log", atMs, stream: "stdout", text: argument });
  if (verb === "err") return step({ type: "log", atMs, stream: "stderr", text: argument });
  if (verb === "health" && (argument === "fail" || argument === "pass")) {
    return step({ type: "health", atMs, passes: argument === "pass" });
  }
  if (verb === "cpu" && /^\d{1,5}$/.test(argument)) {
    return step({ type: "cpu", atMs, percent: Number(argument) });
  }
  if ((verb === "mem" || verb === "disk") && /^\d{1,7}$/.test(argument)) {
    const mebibytes = Number(argument);
    return step(
      verb === "mem" ? { type: "memory", atMs, mebibytes } : { type: "disk", atMs, mebibytes },
    );
  }
  if (verb === "ignore" && argument === "term") return { ...script, ignoresTerm: true };
  if (verb === "start" && argument === "hang") return { ...script, start: { type: "hangs" } };
  const failures = verb === "start" ? /^fail(?:-(\d+))?$/.exec(argument) : null;
  if (failures) {
    const times = failures[1] === undefined ? undefined : Number(failures[1]);
    return { ...script, start: { type: "fails", times } };
  }
  if (verb === "pull" && argument === "hang") return { ...script, pull: "hangs" };
  if (verb === "pull" && (argument === "not-found" || argument === "unavailable")) {
    return { ...script, pull: argument };
  }
  throw new DriverError("fatal", `simulated containers know no directive "${directive}"`);
}
