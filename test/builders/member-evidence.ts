/**
 * What each input member of a request does: the operation is run with all of them and once without each, on
 * the state as it is, and what differs is written down. `npm run members` has every test do so.
 *
 * Nothing of it stays: what is written is rolled back, and ids come from a source of its own.
 */
import { appendFileSync } from "node:fs";
import path from "node:path";
import type { AnyOperation, LiveContext, ServiceModule } from "../../src/gateway/service.ts";
import { sequentialIds } from "../../src/seams/ids.ts";
import type { Store, WriteTransaction } from "../../src/state/store.ts";

/** Where evidence is gathered; undefined in all other runs. */
export const evidenceFolder = process.env["NEARGATE_MEMBERS"];

/**
 * `answer`: the same request without the member gets another answer. `needed`: it is refused. `state`:
 * something else is written. `asked`: another permission is asked for. `other`: with another value one of
 * these happens. What is only refused when it is given shows no effect.
 */
export type Effect = "answer" | "needed" | "state" | "asked" | "other";

type Context = Omit<LiveContext, "read" | "write" | "undecoded">;
type Input = Readonly<Record<string, unknown>>;
type Outcome =
  | { readonly type: "failed"; readonly error: string }
  | {
      readonly type: "done";
      readonly output: string;
      readonly state: string;
      readonly asked: string;
    };

/** These act on more than the state, so that running one twice would be seen. */
const actsOutside =
  /^(PutLogEvents|InitiateLayerUpload|UploadLayerPart|CompleteLayerUpload|ExecuteCommand|StartLiveTail|ResumeSession|TerminateSession)$/;

/** The service with operations that note what members do before they run. */
export const watched = (module: ServiceModule): ServiceModule => ({
  ...module,
  operations: Object.fromEntries(
    Object.entries(module.operations).map(([name, operation]) => [
      name,
      actsOutside.test(name) ? operation : watchedOperation(`${module.name} ${name}`, operation),
    ]),
  ),
});

function watchedOperation(name: string, operation: AnyOperation): AnyOperation {
  const { mode: _, run: __, ...declared } = operation;
  return {
    ...declared,
    mode: "live",
    async run(context: LiveContext, input: never) {
      if (context.undecoded === undefined) await note(name, operation, context, input);
      if (operation.mode === "live") return await operation.run(context, input);
      if (operation.mode === "read") {
        return context.read((tx) => operation.run({ ...context, tx }, input));
      }
      return context.write((tx) => operation.run({ ...context, tx }, input));
    },
  };
}

async function note(
  name: string,
  operation: AnyOperation,
  context: LiveContext,
  input: Input,
): Promise<void> {
  const store = { read: context.read, write: context.write };
  const paths = unknownPaths(name, operation, input);
  if (paths.length === 0) return;
  const effects = await effectsOf(operation, context, store, input, paths);
  keepAll(name, effects);
}

/** As `watched`, for one operation that is called straight and writes. */
export function noteCall(
  operation: AnyOperation,
  context: Context,
  store: Pick<Store, "read" | "write">,
  input: Input,
): void {
  const name = operation.action.replace(":", " ");
  const paths = unknownPaths(name, operation, input);
  if (paths.length === 0 || operation.mode === "live") return;
  const run = (given: Input): Outcome => runPlain(operation, context, store, given);
  const whole = run(input);
  for (const each of paths) {
    const runs = variants(input, each).map(run);
    keep(name, each, effectOf(each, input, whole, runs));
  }
}

/**
 * What each of the members does that are given in `input`, or those of `paths`; undefined: nothing. Of a request that is
 * refused the refusal is among them.
 */
export async function effectsOf(
  operation: AnyOperation,
  context: Context,
  store: Pick<Store, "read" | "write">,
  input: Input,
  paths: readonly string[] = givenPaths(operation.accepts, input),
): Promise<Map<string, Effect | undefined>> {
  const run = (given: Input): Promise<Outcome> => runOnce(operation, context, store, given);
  const whole = await run(input);
  const effects = new Map<string, Effect | undefined>();
  if (whole.type === "failed") effects.set(whole.error, undefined);
  for (const each of paths) {
    const runs: Outcome[] = [];
    for (const variant of variants(input, each)) runs.push(await run(variant));
    effects.set(each, effectOf(each, input, whole, runs));
  }
  return effects;
}

/** Without the member, and with another value; a dry run has nothing to compare with but a real one. */
function variants(input: Input, member: string): Input[] {
  if (member === "DryRun") return [{ ...input, DryRun: true }];
  const path = member.split(".");
  return [changed(input, path, () => undefined), changed(input, path, otherValue)];
}

const shown = new Map<string, Set<string>>();

/** Members of which it has not been shown yet that they change the answer. */
function unknownPaths(name: string, { accepts }: AnyOperation, input: Input): string[] {
  const known = shown.get(name);
  return givenPaths(accepts, input).filter((each) => !known?.has(each));
}

/** What `input` gives, and a dry run where there is one. */
const givenPaths = (accepts: AnyOperation["accepts"], input: Input): string[] => [
  ...new Set([...pathsOf(input, ""), ...(accepts["DryRun"] ? ["DryRun"] : [])]),
];

/** Keeps all that was found of one request. */
export function keepAll(name: string, effects: ReadonlyMap<string, Effect | undefined>): void {
  for (const [member, effect] of effects) keep(name, member, effect);
}

function keep(name: string, member: string, effect: Effect | undefined): void {
  if (effect === undefined) return;
  if (effect === "answer") shown.set(name, (shown.get(name) ?? new Set()).add(member));
  const worker = globalThis as { readonly __vitest_worker__?: { readonly filepath?: string } };
  const file = worker.__vitest_worker__?.filepath ?? "";
  const line = [name, member, effect, path.relative(process.cwd(), file)].join("\t");
  appendFileSync(path.join(evidenceFolder ?? "", String(process.pid)), `${line}\n`);
}

function effectOf(
  member: string,
  input: Input,
  whole: Outcome,
  [less, other]: readonly Outcome[],
): Effect | undefined {
  if (whole.type === "failed" || !less) return undefined;
  if (member === "DryRun") {
    return less.type === "failed" && /DryRun (?:flag|option) is set/.test(less.error)
      ? "answer"
      : undefined;
  }
  const isFlag = typeof input[member] === "boolean";
  const effect = less.type === "failed" ? "needed" : difference(whole, less);
  if (effect !== undefined || !other) return effect;
  if (other.type === "done") return difference(whole, other) && "other";
  // Only what names something is looked up, and a flag is refused for what it says; of other values a
  // refusal says no more than that they were read.
  return naming.test(member) || isFlag ? "other" : undefined;
}

const naming = /(?:Ids?|Arns?|Names?|IpAddress|Tokens?|Digest)$/i;

type Done = Extract<Outcome, { type: "done" }>;

function difference(whole: Done, other: Done): Effect | undefined {
  if (whole.output !== other.output) return "answer";
  if (whole.state !== other.state) return "state";
  return whole.asked === other.asked ? undefined : "asked";
}

async function runOnce(
  operation: AnyOperation,
  context: Context,
  store: Pick<Store, "read" | "write">,
  input: Input,
): Promise<Outcome> {
  if (operation.mode !== "live") return runPlain(operation, context, store, input);
  const seen = observer(context);
  const write = <R>(work: (tx: WriteTransaction) => R): R => seen.rolledBack(store.write, work);
  const live = { ...seen.context, read: store.read, write, undecoded: undefined };
  try {
    return seen.done(await operation.run(live, structuredClone(input) as never));
  } catch (error) {
    return failed(error);
  }
}

function runPlain(
  operation: Exclude<AnyOperation, { mode: "live" }>,
  context: Context,
  store: Pick<Store, "read" | "write">,
  input: Input,
): Outcome {
  const seen = observer(context);
  const copy = structuredClone(input) as never;
  try {
    const output = seen.rolledBack(store.write, (tx) =>
      operation.run({ ...seen.context, tx }, copy),
    );
    return seen.done(output);
  } catch (error) {
    return failed(error);
  }
}

const failed = (error: unknown): Outcome => ({ type: "failed", error: String(error) });

/** Notes what an operation writes and asks. */
function observer(context: Context) {
  const state: unknown[] = [];
  const asked: unknown[] = [];
  const watchedWrites = (tx: WriteTransaction): WriteTransaction => ({
    table(definition) {
      const table = tx.table(definition);
      return {
        ...table,
        put(record) {
          state.push([definition.name, record]);
          table.put(record);
        },
        delete(scope, key) {
          state.push([definition.name, key]);
          table.delete(scope, key);
        },
      };
    },
  });
  return {
    context: {
      ...context,
      ids: sequentialIds(7),
      authorize: (question: Parameters<Context["authorize"]>[0]): void => {
        const { action, resource, conditions } = question;
        const told = typeof conditions === "function" ? conditions() : conditions;
        asked.push([action, resource, told]);
        context.authorize(question);
      },
    },
    rolledBack<R>(write: Store["write"], work: (tx: WriteTransaction) => R): R {
      let result: { readonly of: R } | undefined;
      try {
        write((tx) => {
          result = { of: work(watchedWrites(tx)) };
          throw new RolledBack();
        });
      } catch (error) {
        if (!(error instanceof RolledBack)) throw error;
      }
      if (!result) throw new Error("nothing was run");
      return result.of;
    },
    done: (output: unknown): Outcome => ({
      type: "done",
      output: print(output),
      state: print(state),
      asked: print(asked),
    }),
  };
}

class RolledBack extends Error {}

const print = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => {
    if (each instanceof Uint8Array) return Buffer.from(each).toString("base64");
    return each instanceof Map || each instanceof Set ? [...each] : each;
  }) ?? "";

const isPlain = (value: unknown): value is Input =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Date) &&
  !(value instanceof Uint8Array);

/** Every member that is given, nested ones too; of lists, those of any element. */
function pathsOf(value: unknown, above: string): Set<string> {
  if (Array.isArray(value)) return new Set(value.flatMap((each) => [...pathsOf(each, above)]));
  if (!isPlain(value)) return new Set();
  const given = Object.entries(value).filter(([, each]) => each !== undefined);
  return new Set(
    given.flatMap(([name, each]) => {
      const here = above === "" ? name : `${above}.${name}`;
      return [here, ...pathsOf(each, here)];
    }),
  );
}

/** A copy with another value of the member in every element that has it. */
function changed<Value>(
  value: Value,
  [name = "", ...rest]: readonly string[],
  change: (member: unknown) => unknown,
): Value {
  if (Array.isArray(value)) {
    return value.map((each) => changed(each, [name, ...rest], change)) as Value;
  }
  if (!isPlain(value)) return value;
  const { [name]: member, ...others } = value;
  if (member === undefined) return value;
  const next = rest.length === 0 ? change(member) : changed(member, rest, change);
  return (next === undefined ? others : { ...value, [name]: next }) as Value;
}

function otherValue(value: unknown): unknown {
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") return value + 1;
  if (typeof value === "string") return value.replace(/.?$/, (last) => (last === "0" ? "1" : "0"));
  return Array.isArray(value) ? value.map(otherValue) : value;
}
