import { describe, expect, it } from "vitest";
import type { TargetPlan } from "../../../model/edge-plan.ts";
import type { ServerPlan } from "./groups.ts";
import { batchesOf, complaintsIn, parseServerStates, planServerCommands } from "./servers.ts";

const target: TargetPlan = {
  address: "10.0.0.9",
  port: 80,
  availabilityZone: undefined,
  registeredAt: 1,
  duty: "waiting",
  failing: false,
};

const server = (change: Partial<ServerPlan> = {}): ServerPlan => ({
  backend: "group_1",
  name: "s",
  text: "10.0.0.9:80 check",
  checked: true,
  duty: "waiting",
  failing: false,
  targetGroupArn: "arn",
  target,
  ...change,
});

const present = (admin: "ready" | "drain" | "maint") => [{ backend: "group_1", name: "s", admin }];

describe("planServerCommands", () => {
  it.each([
    [
      "a new target",
      server(),
      [
        "enable health group_1/s",
        "set server group_1/s state drain",
        "set server group_1/s health up",
      ],
    ],
    [
      "one that served before HAProxy died",
      server({ duty: "serving" }),
      [
        "enable health group_1/s",
        "set server group_1/s state drain",
        "set server group_1/s health up",
        "set server group_1/s state ready",
      ],
    ],
    [
      "one that failed before HAProxy died",
      server({ duty: "serving", failing: true }),
      [
        "enable health group_1/s",
        "set server group_1/s state drain",
        "set server group_1/s health down",
        "set server group_1/s state ready",
      ],
    ],
    ["one for fail-open", server({ checked: false, duty: "serving" }), ["enable server group_1/s"]],
  ])("%s: added, in this order", (_, wanted, rest) => {
    expect(planServerCommands([wanted], [])).toEqual([
      "add server group_1/s 10.0.0.9:80 check",
      ...rest,
    ]);
  });

  it("a draining target that HAProxy does not have: nothing to end", () => {
    expect(planServerCommands([server({ duty: "draining" })], [])).toEqual([]);
  });

  it.each([
    ["waiting", "drain", []],
    ["serving", "drain", ["set server group_1/s state ready"]],
    ["serving", "ready", []],
    ["draining", "ready", ["set server group_1/s state maint"]],
    ["draining", "maint", []],
  ] as const)("%s while it is %s: %o", (duty, admin, commands) => {
    expect(planServerCommands([server({ duty })], present(admin))).toEqual(commands);
  });

  it("a server that is not wanted: its requests are ended and it is deleted", () => {
    expect(planServerCommands([], present("maint"))).toEqual([
      "set server group_1/s state maint",
      "shutdown sessions server group_1/s",
      "del server group_1/s",
    ]);
  });
});

describe("parseServerStates", () => {
  it("HAProxy's dump: the groups' servers with what was set on them", () => {
    const dump = [
      "1",
      "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight",
      "3 group_1 1 a 10.0.0.9 2 0 1",
      "3 group_1 2 b 10.0.0.9 2 8 1",
      "3 group_1 3 c 10.0.0.9 0 1 1",
      "4 metadata 1 engine - 2 0 1",
      "",
    ].join("\n");
    expect(parseServerStates(dump)).toEqual([
      { backend: "group_1", name: "a", admin: "ready" },
      { backend: "group_1", name: "b", admin: "drain" },
      { backend: "group_1", name: "c", admin: "maint" },
    ]);
  });
});

describe("complaintsIn", () => {
  it("answers of commands that worked: none; the others line by line", () => {
    const answer = "New server registered.\n\n\nServer deleted.\nNo such backend.\n";
    expect(complaintsIn(answer)).toEqual(["No such backend."]);
  });
});

describe("batchesOf", () => {
  it("more commands than HAProxy reads at once: several lines, nothing lost, in order", () => {
    const commands = Array.from({ length: 100 }, (_, at) => `${at} ${"x".repeat(200)}`);
    const batches = batchesOf(commands);
    expect(batches.flat()).toEqual(commands);
    expect(Math.max(...batches.map((batch) => batch.join("; ").length))).toBeLessThanOrEqual(8000);
    expect(batchesOf([])).toEqual([]);
  });
});
