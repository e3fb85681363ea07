import { describe, expect, it } from "vitest";
import { isFargateSize, parseCpu, parseMemory } from "./fargate-sizes.ts";

describe("isFargateSize", () => {
  it.each([
    [256, 512],
    [256, 2048],
    [512, 1024],
    [512, 4096],
    [1024, 2048],
    [1024, 8192],
    [2048, 4096],
    [2048, 16384],
    [4096, 8192],
    [4096, 30720],
    [8192, 16384],
    [8192, 20480],
    [8192, 61440],
    [16384, 32768],
    [16384, 122880],
  ])("%i CPU units with %i MiB: a size", (cpu, memory) => {
    expect(isFargateSize(cpu, memory)).toBe(true);
  });

  it.each([
    [256, 1536],
    [256, 3072],
    [512, 512],
    [512, 5120],
    [1024, 1024],
    [1024, 2560],
    [4096, 31744],
    [8192, 17408],
    [16384, 36864],
    [32768, 65536],
    [128, 512],
  ])("%i CPU units with %i MiB: none", (cpu, memory) => {
    expect(isFargateSize(cpu, memory)).toBe(false);
  });
});

describe("sizes as text", () => {
  it.each([
    ["256", 256],
    [".25 vCPU", 256],
    ["1 vcpu", 1024],
    ["0.5vCPU", 512],
    ["many", undefined],
    ["-256", undefined],
    ["1 GB", undefined],
  ])("CPU %s: %s units", (text, units) => {
    expect(parseCpu(text)).toBe(units);
  });

  it.each([
    ["512", 512],
    ["0.5GB", 512],
    ["1 gb", 1024],
    ["1 vCPU", undefined],
    ["", undefined],
  ])("memory %s: %s MiB", (text, mebibytes) => {
    expect(parseMemory(text)).toBe(mebibytes);
  });
});
