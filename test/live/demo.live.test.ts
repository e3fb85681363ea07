/** The first thing a newcomer runs. */
import path from "node:path";
import { expect, it } from "vitest";
import { exec } from "./support/live-engine.ts";

it("demo --once: makes the stack, is answered by both tasks, takes everything down, exit code 0", async () => {
  const cli = path.join(import.meta.dirname, "../../bin/neargate");
  const result = await exec.run(cli, ["demo", "--once", "--port", "0"]);
  expect(result.code, result.stdout + result.stderr).toBe(0);
  expect(result.stdout).toContain("has reached a steady state.");
  expect(result.stdout.match(/Hello from task \w+/g)).toHaveLength(2);
  expect(result.stdout).toContain("How long each step took:");
  expect(result.stdout).toContain("take everything down: done");
});
