import { describe, expect, it } from "vitest";
import type { CheckVerdict } from "../../../model/load-balancing.ts";
import { nextVerdict, parseStatistics } from "./verdicts.ts";

const checking: CheckVerdict = { type: "checking" };
const passing: CheckVerdict = { type: "passing" };
const failing = (
  cause: "timeout" | "connection" | "code",
  code: number | undefined = undefined,
): CheckVerdict => ({ type: "failing", cause, code });

describe("nextVerdict", () => {
  it.each([
    ["not checked yet", checking, "DRAIN", "INI", undefined, checking],
    ["the first success", checking, "DRAIN", "L7OK", 200, passing],
    ["failing from the start, not often enough", checking, "DRAIN", "L7STS", 503, checking],
    ["failing from the start, often enough", checking, "DOWN", "L7STS", 503, failing("code", 503)],
    ["healthy, one failure", passing, "UP 1/2", "L7STS", 503, passing],
    ["healthy, one failure made good", passing, "UP", "L7OK", 200, passing],
    ["no connection in time", passing, "DOWN", "L4TOUT", undefined, failing("timeout")],
    ["no answer in time", passing, "DOWN", "L7TOUT", undefined, failing("timeout")],
    ["refused", passing, "DOWN", "L4CON", undefined, failing("connection")],
    ["an answer that is none", passing, "DOWN", "L7RSP", undefined, failing("connection")],
    ["on its way up", failing("timeout"), "DOWN 1/3", "L7OK", 200, failing("timeout")],
    ["up again", failing("timeout"), "UP", "L7OK", 200, passing],
    ["another cause", failing("timeout"), "DOWN", "L4CON", undefined, failing("connection")],
    ["after a reload", failing("code", 503), "DOWN", "L7STS", undefined, failing("code", 503)],
    ["known only to an earlier engine", checking, "DOWN 1/3", "L7OK", 200, checking],
  ] as const)("%s", (_, before, status, check, code, expected) => {
    const now = { backend: "group_1", name: "s", status, check, code };
    expect(nextVerdict(before, now)).toEqual(expected);
  });
});

describe("parseStatistics", () => {
  it("HAProxy's table: columns by name, a check under way without its star", () => {
    const csv = [
      "# pxname,svname,status,check_status,check_code,",
      "group_1,a,UP,L7OK,200,",
      "group_1,b,DOWN 1/3,* L7STS,503,",
      "group_1,c,DRAIN,INI,,",
      "group_1,d,DOWN,L7STS,0,",
      "",
    ].join("\n");
    expect(parseStatistics(csv)).toEqual([
      { backend: "group_1", name: "a", status: "UP", check: "L7OK", code: 200 },
      { backend: "group_1", name: "b", status: "DOWN 1/3", check: "L7STS", code: 503 },
      { backend: "group_1", name: "c", status: "DRAIN", check: "INI", code: undefined },
      { backend: "group_1", name: "d", status: "DOWN", check: "L7STS", code: undefined },
    ]);
  });
});
