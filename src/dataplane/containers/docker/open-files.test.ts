import { describe, expect, it } from "vitest";
import { recordingLogger } from "../../../seams/logger.ts";
import type { ContainerSpec } from "../port.ts";
import { largestOpenFiles, openFilesWithin } from "./open-files.ts";

const limits =
  "Limit                     Soft Limit           Hard Limit           Units     \n" +
  "Max open files            1024                 20000                files     \n";

describe("open files", () => {
  it("without CAP_SYS_RESOURCE: the limit of this process; with it: none", () => {
    expect(largestOpenFiles(limits, "CapEff:\t00000000a80425fb\n")).toBe(20_000);
    expect(largestOpenFiles(limits, "CapEff:\t000001ffffffffff\n")).toBe(Number.POSITIVE_INFINITY);
  });

  it("more than there can be: lowered, and told once", () => {
    const logger = recordingLogger();
    const within = openFilesWithin(logger, 20_000);
    const spec = {
      ulimits: [
        { name: "nofile", soft: 1000, hard: 65_535 },
        { name: "nproc", soft: 1, hard: 99_999 },
      ],
    } as unknown as ContainerSpec;
    expect(within(spec).ulimits).toEqual([
      { name: "nofile", soft: 1000, hard: 20_000 },
      { name: "nproc", soft: 1, hard: 99_999 },
    ]);
    within(spec);
    expect(logger.lines).toHaveLength(1);
  });
});
