import { describe, expect, it } from "vitest";
import type { BalancerPlan, EdgePlan, TargetGroupPlan } from "../../../model/edge-plan.ts";
import type { Action } from "../../../model/load-balancing.ts";
import { filesIn } from "./names.ts";
import { renderConfiguration, type TranslateOptions, translate } from "./translate.ts";

const prefix = "arn:aws:elasticloadbalancing:eu-west-1:000000000000";
const groupArn = `${prefix}:targetgroup/app/bb`;
const forwardTo = (...weights: number[]): Action => ({
  type: "forward",
  targets: weights.map((weight, at) => ({
    targetGroupArn: at === 0 ? groupArn : `${groupArn}${at}`,
    weight,
  })),
  stickinessSeconds: undefined,
});

const balancer = (change: Partial<BalancerPlan> = {}): BalancerPlan => ({
  arn: `${prefix}:loadbalancer/app/web/aa`,
  vpcId: "vpc-1",
  hostNames: ["web.elb.localhost", "web.elb.amazonaws.com"],
  nodes: [
    { interfaceId: "eni-aaa", address: "10.0.0.5", availabilityZone: "eu-west-1a" },
    { interfaceId: "eni-ccc", address: "10.0.2.5", availabilityZone: "eu-west-1c" },
  ],
  listeners: [
    {
      arn: `${prefix}:listener/app/web/aa/l1`,
      port: 8080,
      defaultAction: forwardTo(1),
      openToHost: true,
    },
    {
      arn: `${prefix}:listener/app/web/aa/l2`,
      port: 80,
      defaultAction: forwardTo(1),
      openToHost: false,
    },
  ],
  idleTimeoutSeconds: 60,
  forwardedFor: "append",
  forwardedClientPort: false,
  dropInvalidHeaders: false,
  ...change,
});

const group = (change: Partial<TargetGroupPlan> = {}): TargetGroupPlan => ({
  arn: groupArn,
  balancerArn: `${prefix}:loadbalancer/app/web/aa`,
  healthCheck: {
    enabled: true,
    protocol: "HTTP",
    port: "traffic-port",
    path: "/up?a=b c",
    intervalSeconds: 10,
    timeoutSeconds: 4,
    healthyThreshold: 3,
    unhealthyThreshold: 2,
    matcher: "200-299,404",
  },
  algorithm: "round_robin",
  targets: [
    {
      address: "10.0.2.9",
      port: 80,
      availabilityZone: "eu-west-1c",
      registeredAt: 35,
      duty: "serving",
      failing: false,
    },
    {
      address: "10.0.7.9",
      port: 81,
      availabilityZone: "all",
      registeredAt: 36,
      duty: "waiting",
      failing: false,
    },
  ],
  ...change,
});

const plan = (change: Partial<EdgePlan> = {}): EdgePlan => ({
  balancers: [balancer()],
  targetGroups: [group()],
  metadata: [{ vpcId: "vpc-1", endpoints: [] }],
  ...change,
});

const options: TranslateOptions = {
  engineId: "abc123",
  files: filesIn("/state"),
  metadataSocket: "/state/metadata.sock",
  maxConnections: 1000,
  hostPorts: new Set([80, 8080]),
  links: new Set(["baaa 10.0.0.5", "bccc 10.0.2.5", "m1 169.254.170.2"]),
};

const render = (what: EdgePlan, how: Partial<TranslateOptions> = {}): string =>
  renderConfiguration(translate(what, { ...options, ...how }), () => true);

const sectionOf = (text: string, head: string): string[] =>
  (text.split("\n\n").find((section) => section.split("\n")[0] === head) ?? "")
    .split("\n")
    .slice(1)
    .map((line) => line.trim());

describe("translate", () => {
  it("a balancer's nodes: bound on their links, one frontend a listener", () => {
    expect(sectionOf(render(plan()), "frontend listener_l1").slice(0, 2)).toEqual([
      "bind 10.0.0.5:8080 interface baaa",
      "bind 10.0.2.5:8080 interface bccc",
    ]);
  });

  it("a target: checked and reached from the node in its zone, else from the first", () => {
    const lines = sectionOf(render(plan()), "backend group_bb");
    expect(lines.slice(-2)).toEqual([
      "server 10.0.2.9_80_z 10.0.2.9:80 source 10.0.2.5 interface bccc check inter 10s fastinter 4000ms downinter 10s rise 3 fall 2",
      "server 10.0.7.9_81_10 10.0.7.9:81 source 10.0.0.5 interface baaa check inter 10s fastinter 4000ms downinter 10s rise 3 fall 2",
    ]);
    expect(lines).toContain("timeout check 4s");
    expect(lines).toContain("http-check expect status 200-299,404");
    expect(lines.find((line) => line.startsWith("http-check send"))).toContain(
      "uri /up\\x3fa\\x3db\\x20c ",
    );
  });

  it("fail-open: only targets that had their first success, unchecked", () => {
    const lines = sectionOf(render(plan()), "backend group_bb_open");
    expect(lines.filter((line) => line.startsWith("server"))).toEqual([
      "server 10.0.2.9_80_z 10.0.2.9:80 source 10.0.2.5 interface bccc",
    ]);
  });

  it("a closed listener: the host meets silence, the VPC its rules", () => {
    const text = render(plan());
    const host = sectionOf(text, "frontend host_80");
    expect(host[0]).toBe("bind 127.0.0.1:80 namespace ngabc123-host");
    expect(host).toContain("http-request silent-drop if { var(txn.listener) -m str listener_l2 }");
    expect(host.join("\n")).not.toContain("set-var(txn.backend)");
    expect(sectionOf(text, "frontend listener_l2")).toContain(
      "http-request set-var(txn.backend) str(group_bb)",
    );
  });

  it("names: each with each port, and alone for port 80 or else the lowest", () => {
    expect(translate(plan(), options).hosts.split("\n").slice(0, 3)).toEqual([
      "web.elb.localhost:80 listener_l2",
      "web.elb.localhost:8080 listener_l1",
      "web.elb.localhost listener_l2",
    ]);
  });

  it("a port the host does not give, a link that is not there yet: left out, the rest stands", () => {
    const text = render(plan(), { hostPorts: new Set([80]), links: new Set(["baaa 10.0.0.5"]) });
    expect(text).not.toContain("frontend host_8080");
    expect(text).not.toContain("bccc");
    expect(text).not.toContain("frontend metadata_");
    expect(text).toContain("bind 10.0.0.5:8080 interface baaa");
    const { missingLinks } = translate(plan(), { ...options, links: new Set() });
    expect(missingLinks).toEqual(["baaa", "bccc", "m1"]);
  });

  it("a target more or less: the structure stays, so that nothing is reloaded", () => {
    const structure = (what: EdgePlan): string =>
      renderConfiguration(translate(what, options), () => false);
    expect(structure(plan({ targetGroups: [group({ targets: [] })] }))).toBe(structure(plan()));
    const changed = group();
    const slower = { ...changed, healthCheck: { ...changed.healthCheck, intervalSeconds: 20 } };
    expect(structure(plan({ targetGroups: [slower] }))).not.toBe(structure(plan()));
  });

  it("weights: drawn in proportion; a group of weight 0 is never drawn", () => {
    const weighted = balancer({
      listeners: [
        {
          arn: `${prefix}:listener/app/web/aa/l1`,
          port: 80,
          defaultAction: forwardTo(9, 0, 1),
          openToHost: false,
        },
      ],
    });
    const lines = sectionOf(render(plan({ balancers: [weighted] })), "frontend listener_l1");
    expect(lines.filter((line) => line.includes("set-var(txn.backend) str(group_bb"))).toEqual([
      "http-request set-var(txn.backend) str(group_bb) if !{ var(txn.backend) -m found } { var(txn.draw) -m int lt 9 }",
      "http-request set-var(txn.backend) str(group_bb2) if !{ var(txn.backend) -m found } { var(txn.draw) -m int lt 10 }",
      "http-request set-var(txn.backend) str(group_bb_open) if { var(txn.backend) -m str group_bb } !{ stopping } { nbsrv(group_bb) eq 0 }",
      "http-request set-var(txn.backend) str(group_bb2_open) if { var(txn.backend) -m str group_bb2 } !{ stopping } { nbsrv(group_bb2) eq 0 }",
    ]);
  });

  it.each([
    ["preserve", []],
    ["remove", ["http-request del-header X-Forwarded-For"]],
  ] as const)("X-Forwarded-For to %s", (forwardedFor, expected) => {
    const lines = sectionOf(
      render(plan({ balancers: [balancer({ forwardedFor })] })),
      "frontend listener_l1",
    );
    expect(lines.filter((line) => line.includes("X-Forwarded-For"))).toEqual(expected);
  });

  it("a fixed response with characters of the configuration's own language: taken literally", () => {
    const fixed = balancer({
      listeners: [
        {
          arn: `${prefix}:listener/app/web/aa/l1`,
          port: 80,
          defaultAction: {
            type: "fixed-response",
            statusCode: "200",
            contentType: "text/plain",
            messageBody: 'a "b"\n#c $D %[src]',
          },
          openToHost: false,
        },
      ],
    });
    expect(sectionOf(render(plan({ balancers: [fixed] })), "frontend listener_l1")).toContain(
      "http-request return status 200 content-type text/plain string " +
        "a\\x20\\x22b\\x22\\x0a\\x23c\\x20\\x24D\\x20\\x25\\x5bsrc\\x5d hdr Server awselb/2.0",
    );
  });
});
