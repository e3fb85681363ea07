import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sequentialIds } from "../seams/ids.ts";
import { StateDirectoryInUseError, takeStateDirectory } from "./state-directory.ts";

describe("state directory", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), "neargate-home-"));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  it("taken twice: the second is refused with a sentence that says what to do", () => {
    const first = takeStateDirectory(home, sequentialIds());
    expect(() => takeStateDirectory(home, sequentialIds())).toThrow(StateDirectoryInUseError);
    expect(() => takeStateDirectory(home, sequentialIds())).toThrow("neargate down");
    first.release();
    takeStateDirectory(home, sequentialIds()).release();
  });

  it("taken again later: the same identity and the remembered port", () => {
    const first = takeStateDirectory(home, sequentialIds(1));
    first.rememberPort(4567);
    first.release();
    const second = takeStateDirectory(home, sequentialIds(2));
    expect(second.identity).toEqual({ engineId: first.identity.engineId, port: 4567 });
    second.release();
  });

  it("made new: nobody else may look inside", () => {
    const inner = path.join(home, "state");
    takeStateDirectory(inner, sequentialIds()).release();
    expect(statSync(inner).mode & 0o077).toBe(0);
  });
});
