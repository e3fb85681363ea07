/** Where a Fargate task goes: the zone that has the fewest of its kind, as AWS spreads them. */

export type SubnetCandidate = { readonly subnetId: string; readonly availabilityZone: string };

/**
 * The subnet of the next task, or undefined without candidates. The zone with the fewest tasks wins,
 * then the subnet listed first; zones that are not in `tasksPerZone` have none.
 */
export function chooseSubnet<Candidate extends SubnetCandidate>(
  candidates: readonly Candidate[],
  tasksPerZone: ReadonlyMap<string, number>,
): Candidate | undefined {
  const tasksIn = (candidate: SubnetCandidate): number =>
    tasksPerZone.get(candidate.availabilityZone) ?? 0;
  return candidates.reduce<Candidate | undefined>(
    (best, candidate) => (best && tasksIn(best) <= tasksIn(candidate) ? best : candidate),
    undefined,
  );
}

/** How many of `tasks` are in each zone. Count only those that have not stopped. */
export function countTasksPerZone(
  tasks: readonly { readonly availabilityZone: string }[],
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { availabilityZone } of tasks) {
    counts.set(availabilityZone, (counts.get(availabilityZone) ?? 0) + 1);
  }
  return counts;
}
