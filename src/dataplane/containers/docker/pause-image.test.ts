import { describe, expect, it } from "vitest";
import { goArchitecture, pauseImageArchive, pauseProgram } from "./pause-image.ts";

describe("the sandbox's image", () => {
  it.each([
    ["amd64", 62],
    ["arm64", 183],
  ])("%s: a static program whose entry point is its code", (architecture, machine) => {
    const elf = pauseProgram(architecture);
    expect(elf.subarray(0, 4).toString("latin1")).toBe("\x7fELF");
    expect(elf.readUInt16LE(18)).toBe(machine);
    const entry = Number(elf.readBigUInt64LE(24) - elf.readBigUInt64LE(80));
    expect(entry).toBe(120);
    expect(Number(elf.readBigUInt64LE(96))).toBe(elf.length);
  });

  it("a machine there is no code for: refused", () => {
    expect(() => pauseProgram("s390x")).toThrow("s390x");
  });

  it("made twice: the same image; for another machine: another", async () => {
    const first = await pauseImageArchive("amd64");
    expect((await pauseImageArchive("amd64")).imageId).toBe(first.imageId);
    expect((await pauseImageArchive("arm64")).imageId).not.toBe(first.imageId);
  });

  it("machine names of uname: Go's", () => {
    expect(["x86_64", "aarch64", "riscv64"].map(goArchitecture)).toEqual([
      "amd64",
      "arm64",
      "riscv64",
    ]);
  });
});
