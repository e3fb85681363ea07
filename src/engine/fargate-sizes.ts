/** The sizes a Fargate task can have, and how task definitions write them. */

type MemoryRange = { readonly from: number; readonly to: number; readonly step: number };

/** MiB that go with CPU units. */
const memoryOf: ReadonlyMap<number, MemoryRange> = new Map([
  [512, { from: 1024, to: 4096, step: 1024 }],
  [1024, { from: 2048, to: 8192, step: 1024 }],
  [2048, { from: 4096, to: 16384, step: 1024 }],
  [4096, { from: 8192, to: 30720, step: 1024 }],
  [8192, { from: 16384, to: 61440, step: 4096 }],
  [16384, { from: 32768, to: 122880, step: 8192 }],
]);
const memoryOfQuarter = [512, 1024, 2048];

export function isFargateSize(cpuUnits: number, memoryMiB: number): boolean {
  if (cpuUnits === 256) return memoryOfQuarter.includes(memoryMiB);
  const range = memoryOf.get(cpuUnits);
  if (!range) return false;
  const { from, to, step } = range;
  return memoryMiB >= from && memoryMiB <= to && (memoryMiB - from) % step === 0;
}

/** CPU units from `256`, `.25 vCPU` or `1 vcpu`; undefined when it is none of them. */
export function parseCpu(text: string): number | undefined {
  return parseAmount(text, /^(\d*\.?\d+)\s*vcpu$/i);
}

/** MiB from `512`, `0.5GB` or `1 GB`; undefined when it is none of them. */
export function parseMemory(text: string): number | undefined {
  return parseAmount(text, /^(\d*\.?\d+)\s*gb$/i);
}

/** A whole number, or one of the larger unit that `inUnits` matches, which is 1024 of the smaller. */
function parseAmount(text: string, inUnits: RegExp): number | undefined {
  const trimmed = text.trim();
  if (/^\d+$/.test(trimmed)) return Number(trimmed);
  const amount = inUnits.exec(trimmed)?.[1];
  if (amount === undefined) return undefined;
  const small = Number(amount) * 1024;
  return Number.isInteger(small) ? small : undefined;
}
