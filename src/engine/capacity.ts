/**
 * How tasks are shared out among capacity providers: each provider's base first, then by weight, the
 * provider that is furthest behind its share first and, among equals, the one listed first. AWS
 * documents base and ratio only; the order within the ratio fits what was observed there.
 */
import type { CapacityProviderStrategyItem } from "../model/ecs.ts";

/**
 * The providers of `count` new tasks, in order. `existing` counts the tasks that each provider has.
 * Empty for a strategy without a weight or an unfilled base.
 */
export function distributeTasks(
  count: number,
  strategy: readonly CapacityProviderStrategyItem[],
  existing: ReadonlyMap<string, number>,
): string[] {
  const counts = new Map(
    strategy.map((item) => [item.capacityProvider, existing.get(item.capacityProvider) ?? 0]),
  );
  const chosen: string[] = [];
  while (chosen.length < count) {
    const next = nextProvider(strategy, counts);
    if (next === undefined) break;
    chosen.push(next);
    counts.set(next, (counts.get(next) ?? 0) + 1);
  }
  return chosen;
}

function nextProvider(
  strategy: readonly CapacityProviderStrategyItem[],
  counts: ReadonlyMap<string, number>,
): string | undefined {
  const countOf = (item: CapacityProviderStrategyItem): number =>
    counts.get(item.capacityProvider) ?? 0;
  const short = strategy.find((item) => countOf(item) < item.base);
  if (short) return short.capacityProvider;
  let best: { provider: string; quotient: number } | undefined;
  for (const item of strategy) {
    if (item.weight === 0) continue;
    const quotient = (countOf(item) - item.base + 1) / item.weight;
    if (!best || quotient < best.quotient) best = { provider: item.capacityProvider, quotient };
  }
  return best?.provider;
}
