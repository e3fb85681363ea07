import { afterEach, describe, expect, it } from "vitest";
import { manualClock, realClock } from "../../../seams/clock.ts";
import { processExec } from "../../../seams/exec.ts";
import { openShell, type Shell, withInput } from "./shell.ts";

let shell: Shell | undefined;
const open = (clock = realClock()): Shell => {
  shell = openShell({ exec: processExec(), clock });
  return shell;
};
afterEach(() => shell?.close());

describe("the long-lived shell", () => {
  it("sections: each with its output, both streams, and its own exit code", async () => {
    const results = await open().run(["echo one", "echo two >&2; false", "true"]);
    expect(results).toEqual([
      { code: 0, output: "one\n" },
      { code: 1, output: "two\n" },
      { code: 0, output: "" },
    ]);
  });

  it("calls side by side: one after another in one process", async () => {
    const shell = open();
    const pids = await Promise.all([shell.runOk("echo $$"), shell.runOk("echo $$")]);
    expect(pids[0]).toBe(pids[1]);
  });

  it("input for a program, and none for one that has none: the shell's own is never eaten", async () => {
    const shell = open();
    expect(await shell.runOk(withInput("cat", ["a $HOME", "b"]))).toBe("a $HOME\nb\n");
    expect(await shell.runOk("cat")).toBe("");
    expect(await shell.runOk("echo still here")).toBe("still here\n");
  });

  it("a section that fails where it must not: a driver error with what was said", async () => {
    await expect(open().runOk("echo no such link; false")).rejects.toThrow("no such link");
  });

  it("the shell ends: the call rejects, the next one has a new shell", async () => {
    const shell = open();
    await expect(shell.run(["exit 3"])).rejects.toThrow("ended");
    expect(await shell.runOk("echo again")).toBe("again\n");
  });

  it("no answer in time: the call rejects, the next one has a new shell", async () => {
    const clock = manualClock(0);
    const shell = open(clock);
    const hanging = shell.run(["exec sleep 60"]);
    const outcome = expect(hanging).rejects.toThrow("in time");
    await clock.advance(30_000);
    await outcome;
    expect(await shell.runOk("echo again")).toBe("again\n");
  });

  it("much output: arrives whole", async () => {
    const output = await open().runOk("seq 1 100000");
    expect(output.split("\n")).toHaveLength(100_001);
  });
});
