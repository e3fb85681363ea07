/**
 * The image of a task's sandbox: one static program that waits for ever, written byte by byte so that
 * nothing has to be pulled or compiled. It ignores SIGCHLD, so that in a task whose containers share its
 * process namespace the kernel clears away what they leave.
 */
import { DriverError } from "../../errors.ts";
import { type ImageArchive, imageArchive } from "./image-archive.ts";

/** The tag counts up when the image changes, so that an older one is never taken for it. */
export const pauseImage = "neargate/pause:2";

type Machine = { readonly elfMachine: number; readonly code: readonly number[] };

const machines: Readonly<Record<string, Machine>> = {
  amd64: {
    elfMachine: 62,
    code: [
      ...[0xb8, 13, 0, 0, 0], // mov eax, 13 (rt_sigaction)
      ...[0xbf, 17, 0, 0, 0], // mov edi, 17 (SIGCHLD)
      ...[0x48, 0x8d, 0x35, 19, 0, 0, 0], // lea rsi, the action behind the code
      ...[0x31, 0xd2], // xor edx, edx
      ...[0x41, 0xba, 8, 0, 0, 0], // mov r10d, 8 (bytes of a signal set)
      ...[0x0f, 0x05], // syscall
      ...[0xb8, 34, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7], // mov eax, 34 (pause); syscall; jmp to the mov
      ...ignore(),
    ],
  },
  arm64: {
    elfMachine: 183,
    code: [
      // mov x0, #17; adr x1, the action; mov x2, #0; mov x3, #8; mov x8, #134 (rt_sigaction); svc #0
      ...words([0xd2800220, 0x100001a1, 0xd2800002, 0xd2800103, 0xd28010c8, 0xd4000001]),
      // mov x0..x4, #0; mov x8, #73 (ppoll, as arm64 has no pause); svc #0; b to the first mov
      ...words([0xd2800000, 0xd2800001, 0xd2800002, 0xd2800003, 0xd2800004, 0xd2800928]),
      ...words([0xd4000001, 0x17fffff9]),
      ...ignore(),
    ],
  },
};

/** A `struct sigaction` that says SIG_IGN. */
function ignore(): number[] {
  return [1, ...Array<number>(31).fill(0)];
}

function words(instructions: readonly number[]): number[] {
  return instructions.flatMap((word) => [
    word & 255,
    (word >>> 8) & 255,
    (word >>> 16) & 255,
    word >>> 24,
  ]);
}

/** `docker info` names machines as `uname -m` does. */
export function goArchitecture(machine: string): string {
  if (machine === "x86_64") return "amd64";
  return machine === "aarch64" ? "arm64" : machine;
}

/** Throws `DriverError` (fatal) for a machine there is no code for. */
export function pauseProgram(architecture: string): Buffer {
  const machine = machines[architecture];
  if (!machine) throw new DriverError("fatal", `no sandbox program for ${architecture} machines`);
  const headers = 64 + 56;
  const size = headers + machine.code.length;
  const base = 0x400000n;
  const elf = Buffer.alloc(headers);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(elf); // magic, 64 bits, little-endian, version
  elf.writeUInt16LE(2, 16); // an executable
  elf.writeUInt16LE(machine.elfMachine, 18);
  elf.writeUInt32LE(1, 20);
  elf.writeBigUInt64LE(base + BigInt(headers), 24); // entry point
  elf.writeBigUInt64LE(64n, 32); // where the program headers are
  elf.writeUInt16LE(64, 52);
  elf.writeUInt16LE(56, 54);
  elf.writeUInt16LE(1, 56);
  elf.writeUInt32LE(1, 64); // a segment to load,
  elf.writeUInt32LE(5, 68); // to read and execute,
  elf.writeBigUInt64LE(base, 80); // from offset 0 to `base`
  elf.writeBigUInt64LE(base, 88);
  elf.writeBigUInt64LE(BigInt(size), 96);
  elf.writeBigUInt64LE(BigInt(size), 104);
  elf.writeBigUInt64LE(0x10000n, 112); // alignment: the largest page an arm64 kernel has
  return Buffer.concat([elf, Buffer.from(machine.code)]);
}

export function pauseImageArchive(architecture: string): Promise<ImageArchive> {
  const content = pauseProgram(architecture);
  return imageArchive({
    reference: pauseImage,
    architecture,
    config: { Entrypoint: ["/pause"] },
    entries: [{ type: "file", path: "pause", mode: 0o755, content }],
  });
}
