import { describe, expect, it } from "vitest";
import { recordingLogger } from "../../../seams/logger.ts";
import { DriverError } from "../../errors.ts";
import { storageLimit } from "./storage-limit.ts";

const on = (backing: string, Driver = "overlay2") => ({
  Driver,
  DriverStatus: [["Backing Filesystem", backing]] as const,
});

function setUp(info: ReturnType<typeof on>) {
  const logger = recordingLogger();
  const asked: unknown[] = [];
  const limit = storageLimit(async () => info, logger);
  return { logger, asked, limit };
}

describe("the size of ephemeral storage", () => {
  it("a file system that can hold to it: the container has it", async () => {
    for (const info of [on("xfs"), on("", "btrfs"), on("", "zfs")]) {
      const { limit, asked, logger } = setUp(info);
      await limit.within(21, async (options) => asked.push(options));
      expect(asked).toEqual([{ size: "21G" }]);
      expect(logger.lines).toEqual([]);
    }
  });

  it("one that cannot: none, said once", async () => {
    const { limit, asked, logger } = setUp(on("extfs"));
    for (const size of [21, 30]) await limit.within(size, async (options) => asked.push(options));
    expect(asked).toEqual([undefined, undefined]);
    expect(logger.lines).toHaveLength(1);
  });

  it("one without quotas, as its refusal shows: made without, said once; another failure: thrown", async () => {
    const { limit, asked, logger } = setUp(on("xfs"));
    const create = async (options: unknown) => {
      asked.push(options);
      if (options) {
        throw new DriverError("fatal", "--storage-opt is supported only for overlay over xfs");
      }
      return "made";
    };
    expect(await limit.within(21, create)).toBe("made");
    expect(await limit.within(21, create)).toBe("made");
    expect(asked).toEqual([{ size: "21G" }, undefined, undefined]);
    expect(logger.lines).toHaveLength(1);
    const other = setUp(on("xfs"));
    const failing = () => Promise.reject(new DriverError("conflict", "the name is taken"));
    await expect(other.limit.within(21, failing)).rejects.toThrow("the name is taken");
  });
});
