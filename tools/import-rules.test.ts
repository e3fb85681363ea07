import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findViolations, type SourceFile } from "./import-rules.ts";

const file = (path: string, text: string): SourceFile => ({ path, text });

describe("import rules", () => {
  it.each([
    ["src/engine/a.ts", 'import { x } from "../state/store.ts";', "engine may not import state"],
    ["src/model/a.ts", 'import fs from "node:fs";', "model imports nothing from outside"],
    ["src/services/ecs/a.ts", 'import { x } from "../ec2/b.ts";', "may not import its sibling ec2"],
    [
      "src/dataplane/containers/docker/a.ts",
      'import { x } from "../../network/linux/b.ts";',
      "may not import its sibling network",
    ],
    ["src/loops/a.ts", 'import { x } from "../dataplane/logs/worker.ts";', "only ports"],
    ["src/loops/a.ts", "const t = Date.now();", "take Clock"],
    ["src/services/a/b.ts", 'import { randomUUID } from "node:crypto";', "take Ids"],
    ["src/daemon/a.ts", 'import { spawn } from "node:child_process";', "take Exec"],
    ["src/engine/a.ts", "export async function decide() {}", "returns no promise"],
    ["src/services/a/b.ts", 'import { type A, b } from "@aws-sdk/client-ecs";', "types only"],
    ["src/services/a/b.ts", 'import {\n  b,\n} from "@aws-sdk/client-ecs";', "types only"],
    ["src/cli/a.ts", 'import { x } from "../daemon/engine.ts";', "cli may not import daemon"],
  ])("%s with %s: refused", (path, text, sentence) => {
    expect(findViolations([file(path, text)]).join("\n")).toContain(sentence);
  });

  it.each([
    ["src/engine/a.ts", 'import { x } from "../model/arn.ts";'],
    ["src/loops/a.ts", 'import { x } from "../dataplane/logs/port.ts";'],
    ["src/dataplane/containers/docker/a.ts", 'import { x } from "../../errors.ts";'],
    ["src/services/ecs/a.ts", 'import type {\n  A,\n} from "@aws-sdk/client-ecs";'],
    ["src/services/ecs/a.ts", "// Date.now() is not called here\nexport const x = 1;"],
  ])("%s with %s: allowed", (path, text) => {
    expect(findViolations([file(path, text)])).toEqual([]);
  });

  it("the source tree: no arrow is reversed", () => {
    const paths = readdirSync("src", { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => `src/${path}`);
    const sources = paths.map((path) => file(path, readFileSync(path, "utf8")));
    expect(findViolations(sources)).toEqual([]);
  });
});
