/** Target groups in HAProxy's terms: their backends, checks and servers. Pure. */
import type {
  BalancerNode,
  BalancerPlan,
  TargetGroupPlan,
  TargetPlan,
} from "../../../model/edge-plan.ts";
import type { HealthCheck } from "../../../model/load-balancing.ts";
import { edgeLinkName } from "../../network/names.ts";
import { failOpenBackend, groupBackend, serverName } from "./names.ts";
import { type Section, section } from "./section.ts";
import { pageWith, serverHeader, when, word } from "./text.ts";

/** One server of a backend as it should be. */
export type ServerPlan = {
  readonly backend: string;
  readonly name: string;
  /** Address and options as they stand on a `server` line and in `add server`. */
  readonly text: string;
  /** Servers of the fail-open backend are not. */
  readonly checked: boolean;
  readonly duty: TargetPlan["duty"];
  readonly failing: boolean;
  readonly targetGroupArn: string;
  readonly target: TargetPlan;
};

/** As long as a load balancer waits for a connection to a target. */
const longestConnectSeconds = 10;

const algorithms = {
  round_robin: "roundrobin",
  least_outstanding_requests: "leastconn",
  weighted_random: "random",
} as const;

/** The group's backend, and the one for when none of its targets passes. */
export function groupSections(
  group: TargetGroupPlan,
  balancers: readonly BalancerPlan[],
): Section[] {
  const idle = balancers.find(({ arn }) => arn === group.balancerArn)?.idleTimeoutSeconds ?? 60;
  const check = group.healthCheck;
  // Of a check too, which may take no longer than its timeout.
  const connectSeconds = Math.min(longestConnectSeconds, check.timeoutSeconds);
  const common = [
    `balance ${algorithms[group.algorithm]}`,
    `timeout connect ${connectSeconds}s`,
    `timeout server ${idle}s`,
    `timeout tunnel ${idle}s`,
    ...failedConnectionRules(connectSeconds * 1000),
  ];
  return [
    section(groupBackend(group.arn), `backend ${groupBackend(group.arn)}`, [
      ...common,
      `timeout check ${check.timeoutSeconds}s`,
      "option httpchk",
      `http-check send meth GET uri ${word(check.path)} ver HTTP/1.1 hdr Host %[bc_dst]:%[bc_dst_port] hdr User-Agent ELB-HealthChecker/2.0 hdr Connection close`,
      `http-check expect status ${check.matcher}`,
      `# servers: ${checkOptions(group)}`,
    ]),
    section(failOpenBackend(group.arn), `backend ${failOpenBackend(group.arn)}`, common),
  ];
}

/**
 * HAProxy answers 503 when it gets no connection to a target. On AWS a refused one is 502 and one that
 * is not answered in time 504, which the time passed tells apart.
 */
function failedConnectionRules(connectMs: number): string[] {
  const failed = "!{ var(txn.answered) -m found } { status 503 }";
  const waited = `date(0,ms),sub(txn.begun),div(${connectMs}),bool`;
  const title = `%[${waited},iif(504\\x20Gateway\\x20Time-out,502\\x20Bad\\x20Gateway)]`;
  return [
    "http-request set-var(txn.begun) date(0,ms)",
    "http-response set-var(txn.answered) bool(true)",
    `http-error status 503 content-type text/html lf-string ${pageWith(title)} ${serverHeader}`,
    `http-after-response set-var(txn.late) ${waited}${when(failed)}`,
    `http-after-response set-status 504${when(failed, "{ var(txn.late) -m bool }")}`,
    `http-after-response set-status 502${when(failed)}`,
  ];
}

/**
 * HAProxy counts the interval from the end of a check, AWS from its beginning. While the checks do not
 * agree with the state, the pause is shortened so that a target that falls silent right after a check
 * still fails its threshold within threshold × interval, where that leaves two fifths of the interval:
 * quick failures must not come in a burst.
 */
function pauseWhileFailing({
  intervalSeconds,
  timeoutSeconds,
  unhealthyThreshold,
}: HealthCheck): number {
  // The first silent check ends an interval and a timeout after the last good one.
  const left = (unhealthyThreshold - 1) * intervalSeconds - timeoutSeconds;
  const pause = left / Math.max(1, unhealthyThreshold - 1) - timeoutSeconds;
  return Math.max(intervalSeconds * 0.4, pause);
}

function checkOptions({ healthCheck: check }: TargetGroupPlan): string {
  const interval = `${check.intervalSeconds}s`;
  const fast = Math.floor(pauseWhileFailing(check) * 1000);
  const port = check.port === "traffic-port" ? "" : ` port ${check.port}`;
  return (
    `check inter ${interval} fastinter ${fast}ms downinter ${interval} ` +
    `rise ${check.healthyThreshold} fall ${check.unhealthyThreshold}${port}`
  );
}

/** The servers of both backends; none while the balancer has no node. */
export function serversOf(
  group: TargetGroupPlan,
  balancers: readonly BalancerPlan[],
): ServerPlan[] {
  const nodes = balancers.find(({ arn }) => arn === group.balancerArn)?.nodes ?? [];
  return group.targets.flatMap((target): ServerPlan[] => {
    const node = nodeFor(nodes, target);
    if (!node) return [];
    const address = `${target.address}:${target.port}`;
    const way = `source ${node.address} interface ${edgeLinkName(node.interfaceId)}`;
    const common = {
      name: serverName(target),
      duty: target.duty,
      failing: target.failing,
      targetGroupArn: group.arn,
      target,
    };
    const text = `${address} ${way}`;
    const checked: ServerPlan = {
      ...common,
      backend: groupBackend(group.arn),
      text: `${text} ${checkOptions(group)}`,
      checked: true,
    };
    const open = { ...common, backend: failOpenBackend(group.arn), text, checked: false };
    return target.duty === "waiting" ? [checked] : [checked, open];
  });
}

/** Requests and checks come from the node in the target's zone, else from the first. */
const nodeFor = (
  nodes: readonly BalancerNode[],
  { availabilityZone }: TargetPlan,
): BalancerNode | undefined =>
  nodes.find((node) => node.availabilityZone === availabilityZone) ?? nodes[0];
