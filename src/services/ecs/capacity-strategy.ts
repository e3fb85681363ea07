/** Capacity provider strategies. The providers are Fargate's own two, there in every account. */
import type { CapacityProviderStrategyItem as Input } from "@aws-sdk/client-ecs";
import { formatArn } from "../../model/arn.ts";
import type { CapacityProviderStrategyItem, Cluster } from "../../model/ecs.ts";
import type { Scope } from "../../model/scope.ts";
import { checkAtMost, checkRange } from "./checks.ts";
import { invalidParameter } from "./errors.ts";

export const fargateProviders = ["FARGATE", "FARGATE_SPOT"];

const mostProviders = 20;

export const providerArn = (scope: Scope, name: string): string =>
  formatArn("ecs", scope, `capacity-provider/${name}`);

/** The names of providers that a cluster is to have. */
export function readProviders(scope: Scope, providers: readonly string[] | undefined): string[] {
  checkAtMost("capacityProviders", providers ?? [], mostProviders);
  return [...new Set((providers ?? []).map((provider) => readProvider(scope, provider)))];
}

/** A strategy of providers that the cluster has; empty when none is given. */
export function readStrategy(
  { capacityProviders }: Pick<Cluster, "capacityProviders">,
  inputs: readonly Input[] | undefined,
): CapacityProviderStrategyItem[] {
  const strategy = (inputs ?? []).map(readItem);
  checkAtMost("capacityProviderStrategy", strategy, mostProviders);
  if (strategy.some((item) => !capacityProviders.includes(item.capacityProvider))) {
    throw invalidParameter(
      "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. Associate the capacity provider with the cluster and try again.",
    );
  }
  if (strategy.filter((item) => item.base > 0).length > 1) {
    throw invalidParameter(
      "There are multiple capacity providers in the specified capacity provider strategy with a base value defined. Only one capacity provider can have a base value.",
    );
  }
  return strategy;
}

/** Throws when tasks cannot be launched by the strategy. */
export function checkLaunchable(strategy: readonly CapacityProviderStrategyItem[]): void {
  if (strategy.length === 0 || strategy.some((item) => item.weight > 0)) return;
  throw invalidParameter(
    "There are no capacity providers in the capacity provider strategy with a weight value greater than zero.",
  );
}

function readProvider(scope: Scope, identifier: string): string {
  const known = fargateProviders.find(
    (name) => identifier === name || identifier === providerArn(scope, name),
  );
  if (known) return known;
  throw invalidParameter(
    `The specified capacity provider '${identifier}' was not found. Specify a valid name or ARN and try again.`,
  );
}

function readItem({ capacityProvider, weight, base }: Input): CapacityProviderStrategyItem {
  if (!capacityProvider) throw invalidParameter("capacityProvider can not be empty.");
  checkRange("weight", weight, 0, 1000);
  checkRange("base", base, 0, 100_000);
  return { capacityProvider, weight: weight ?? 0, base: base ?? 0 };
}
