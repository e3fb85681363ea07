/**
 * The balancers' data plane without a network: nothing listens, and what the checks say is scripted.
 * A target passes its first check one interval after it is planned, unless its script says otherwise;
 * thresholds count as they do on the real one.
 */
import type { EdgePlan, TargetGroupPlan, TargetPlan } from "../../../model/edge-plan.ts";
import type { CheckVerdict } from "../../../model/load-balancing.ts";
import type { Clock, Timer } from "../../../seams/clock.ts";
import type { LoadBalancerDataplane, TargetObservation } from "../port.ts";

/** How an address answers its checks. */
export type CheckAnswer = { readonly type: "passing" } | Extract<CheckVerdict, { type: "failing" }>;

export type SimulatedBalancer = LoadBalancerDataplane & {
  /** How the address answers from its next check on; every port of it. */
  answer(address: string, answer: CheckAnswer): void;
  /** The picture applied last. */
  plan(): EdgePlan;
};

type Checked = {
  readonly group: TargetGroupPlan;
  readonly target: TargetPlan;
  readonly verdict: CheckVerdict;
  /** Checks in a row that disagree with the verdict. */
  readonly streak: number;
  readonly timer: Timer | undefined;
};

const passing: CheckAnswer = { type: "passing" };

export function simulatedBalancer({ clock }: { readonly clock: Clock }): SimulatedBalancer {
  const listeners = new Set<(observations: readonly TargetObservation[]) => void>();
  const answers = new Map<string, CheckAnswer>();
  const checked = new Map<string, Checked>();
  let current: EdgePlan = { balancers: [], targetGroups: [], metadata: [] };

  const tell = ({ group, target, verdict }: Checked): void => {
    const observation: TargetObservation = {
      targetGroupArn: group.arn,
      address: target.address,
      port: target.port,
      registeredAt: target.registeredAt,
      verdict,
    };
    for (const listener of listeners) listener([observation]);
  };

  const schedule = (key: string, state: Omit<Checked, "timer">): void => {
    const interval = state.group.healthCheck.intervalSeconds * 1000;
    checked.set(key, { ...state, timer: clock.after(interval, () => check(key)) });
  };

  const check = (key: string): void => {
    const before = checked.get(key);
    if (!before) return;
    const after = nextCheck(before, answers.get(before.target.address) ?? passing);
    schedule(key, after);
    if (!isSameVerdict(before.verdict, after.verdict)) tell({ ...after, timer: undefined });
  };

  const forget = (key: string): void => {
    checked.get(key)?.timer?.cancel();
    checked.delete(key);
  };

  const begin = (key: string, group: TargetGroupPlan, target: TargetPlan): void => {
    const known = checked.get(key);
    if (known) {
      checked.set(key, { ...known, group, target });
      return;
    }
    // Only a process that knows nothing meets a target that serves already: it goes on from there.
    const verdict: CheckVerdict =
      target.duty === "serving" && !target.failing ? { type: "passing" } : { type: "checking" };
    const state = { group, target, verdict, streak: 0 };
    schedule(key, state);
    tell({ ...state, timer: undefined });
  };

  return {
    kind: "simulated",
    start: async () => {},
    async stop() {
      for (const key of [...checked.keys()]) forget(key);
    },
    async apply(plan) {
      current = plan;
      const wanted = new Map(plan.targetGroups.flatMap(checkedTargets));
      for (const key of [...checked.keys()]) if (!wanted.has(key)) forget(key);
      for (const [key, { group, target }] of wanted) begin(key, group, target);
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    problems: () => [],
    answer: (address, answer) => answers.set(address, answer),
    plan: () => current,
  };
}

type Entry = [string, { readonly group: TargetGroupPlan; readonly target: TargetPlan }];

const checkedTargets = (group: TargetGroupPlan): Entry[] =>
  group.targets
    .filter((target) => target.duty !== "draining")
    .map((target) => [
      `${group.arn}|${target.address}|${target.port}|${target.registeredAt}`,
      { group, target },
    ]);

/** One check later: the thresholds of Elastic Load Balancing, where one success makes a new target healthy. */
function nextCheck(before: Checked, answer: CheckAnswer): Omit<Checked, "timer"> {
  const { group, target, verdict } = before;
  const { healthyThreshold, unhealthyThreshold } = group.healthCheck;
  const agrees = answer.type === verdict.type;
  if (agrees) return { group, target, verdict: answer, streak: 0 };
  const streak = before.streak + 1;
  const needed =
    answer.type === "failing"
      ? unhealthyThreshold
      : verdict.type === "checking"
        ? 1
        : healthyThreshold;
  if (streak < needed) return { group, target, verdict, streak };
  return { group, target, verdict: answer, streak: 0 };
}

const isSameVerdict = (a: CheckVerdict, b: CheckVerdict): boolean =>
  a.type === b.type &&
  (a.type !== "failing" || (b.type === "failing" && a.cause === b.cause && a.code === b.code));
