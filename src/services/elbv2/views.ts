/** How load balancing's nouns look on the wire. */
import type {
  TargetHealthDescription,
  Action as WireAction,
  Listener as WireListener,
  LoadBalancer as WireLoadBalancer,
  Rule as WireRule,
  Tag as WireTag,
  TargetGroup as WireTargetGroup,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type {
  Action,
  Listener,
  LoadBalancer,
  Target,
  TargetGroup,
} from "../../model/load-balancing.ts";
import type { Tag } from "../../model/scope.ts";

/** Route 53's zone of application load balancers in each region; it is fixed by AWS. */
const hostedZones: Readonly<Record<string, string>> = {
  "ap-northeast-1": "Z14GRHDCWA56QT",
  "ap-northeast-2": "ZWKZPGTI48KDX",
  "ap-northeast-3": "Z5LXEXXYW11ES",
  "ap-south-1": "ZP97RAFLXTNZK",
  "ap-southeast-1": "Z1LMS91P8CMLE5",
  "ap-southeast-2": "Z1GM3OXH4ZPM65",
  "ca-central-1": "ZQSVJUPU6J1EY",
  "eu-central-1": "Z215JYRZR1TBD5",
  "eu-north-1": "Z23TAZ6LKFMNIO",
  "eu-west-1": "Z32O12XQLNTSW2",
  "eu-west-2": "ZHURV8PSTC4K8",
  "eu-west-3": "Z3Q77PNBQS71R4",
  "sa-east-1": "Z2P70J7HTTTPLU",
  "us-east-1": "Z35SXDOTRQ7X7K",
  "us-east-2": "Z3AADJGX6KTTL2",
  "us-west-1": "Z368ELLRRE2KJ0",
  "us-west-2": "Z1H1FL5HABSF5",
};

export function toLoadBalancerView(
  balancer: LoadBalancer,
  state: "provisioning" | "active",
): WireLoadBalancer {
  return {
    LoadBalancerArn: balancer.arn,
    DNSName: balancer.dnsName,
    CanonicalHostedZoneId: hostedZones[balancer.region] ?? hostedZones["us-east-1"],
    CreatedTime: new Date(balancer.createdAt),
    LoadBalancerName: balancer.name,
    Scheme: balancer.scheme,
    VpcId: balancer.vpcId,
    State: { Code: state },
    Type: balancer.type,
    AvailabilityZones: toZonesView(balancer),
    SecurityGroups: [...balancer.securityGroupIds],
    IpAddressType: "ipv4",
  };
}

export const toZonesView = (
  balancer: LoadBalancer,
): NonNullable<WireLoadBalancer["AvailabilityZones"]> =>
  balancer.nodes.map((node) => ({
    ZoneName: node.availabilityZone,
    SubnetId: node.subnetId,
    LoadBalancerAddresses: [],
  }));

export function toTargetGroupView(
  group: TargetGroup,
  loadBalancerArns: readonly string[],
): WireTargetGroup {
  const check = group.healthCheck;
  return {
    TargetGroupArn: group.arn,
    TargetGroupName: group.name,
    Protocol: group.protocol,
    Port: group.port,
    VpcId: group.vpcId,
    HealthCheckProtocol: check.protocol,
    HealthCheckPort: check.port,
    HealthCheckEnabled: check.enabled,
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
    HealthCheckPath: check.path,
    Matcher: { HttpCode: check.matcher },
    LoadBalancerArns: [...loadBalancerArns],
    TargetType: group.targetType,
    ProtocolVersion: group.protocolVersion,
    IpAddressType: "ipv4",
  };
}

export function toListenerView(listener: Listener): WireListener {
  return {
    ListenerArn: listener.arn,
    LoadBalancerArn: listener.loadBalancerArn,
    Port: listener.port,
    Protocol: listener.protocol,
    DefaultActions: [toActionView(listener.defaultAction)],
  };
}

/** The rule that every listener has and that cannot be changed by itself. */
export function toDefaultRuleView(listener: Listener): WireRule {
  return {
    RuleArn: defaultRuleArn(listener),
    Priority: "default",
    Conditions: [],
    Actions: [toActionView(listener.defaultAction)],
    IsDefault: true,
  };
}

/** Made of the listener's own id, so that it is the same as long as the listener lives. */
export const defaultRuleArn = (listener: Listener): string => {
  const id = listener.arn.slice(-16);
  const reversed = [...id].reverse().join("");
  return `${listener.arn.replace(":listener/", ":listener-rule/")}/${reversed}`;
};

function toActionView(action: Action): WireAction {
  switch (action.type) {
    case "forward":
      return toForwardView(action);
    case "redirect":
      return {
        Type: "redirect",
        Order: 1,
        RedirectConfig: {
          Protocol: action.protocol,
          Port: action.port,
          Host: action.host,
          Path: action.path,
          Query: action.query,
          StatusCode: action.statusCode,
        },
      };
    case "fixed-response":
      return {
        Type: "fixed-response",
        Order: 1,
        FixedResponseConfig: {
          StatusCode: action.statusCode,
          ContentType: action.contentType,
          MessageBody: action.messageBody,
        },
      };
  }
}

/** AWS gives a single group twice, in the short form and in the long one. */
function toForwardView(action: Extract<Action, { type: "forward" }>): WireAction {
  const [first, ...others] = action.targets;
  const stickiness = action.stickinessSeconds;
  return {
    Type: "forward",
    Order: 1,
    TargetGroupArn: others.length === 0 ? first?.targetGroupArn : undefined,
    ForwardConfig: {
      TargetGroups: action.targets.map((target) => ({
        TargetGroupArn: target.targetGroupArn,
        Weight: target.weight,
      })),
      TargetGroupStickinessConfig:
        stickiness === undefined
          ? { Enabled: false }
          : { Enabled: true, DurationSeconds: stickiness },
    },
  };
}

export function toTargetHealthView(
  target: Pick<Target, "id" | "port" | "availabilityZone" | "health">,
  group: TargetGroup,
): TargetHealthDescription {
  const { port } = group.healthCheck;
  return {
    Target: { Id: target.id, Port: target.port, AvailabilityZone: target.availabilityZone },
    HealthCheckPort: port === "traffic-port" ? String(target.port) : port,
    TargetHealth: {
      State: target.health.state,
      Reason: toReason(target.health.reason),
      Description: target.health.description,
    },
  };
}

type Reason = NonNullable<TargetHealthDescription["TargetHealth"]>["Reason"];
// The engine's reasons are AWS's own, which its tests pin down.
const toReason = (reason: string | undefined): Reason => reason as Reason;

export const toTagsView = (tags: readonly Tag[]): WireTag[] =>
  tags.map(({ key, value }) => ({ Key: key, Value: value }));
