import { describe, expect, it } from "vitest";
import { stampMilliseconds } from "../port.ts";
import { logReader, sinceOf } from "./log-frames.ts";

function frame(stream: 1 | 2, payload: string): Buffer {
  const body = Buffer.from(payload);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

const at = (nanoseconds: number): string =>
  `2026-01-01T00:00:00.${String(nanoseconds).padStart(9, "0")}Z`;

describe("reading the daemon's log stream", () => {
  it("chunks that cut frames anywhere: the same lines", () => {
    const bytes = Buffer.concat([
      frame(1, `${at(1)} première\n`),
      frame(2, `${at(2)} second\n`),
      frame(1, `${at(3)} \n`),
    ]);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const reader = logReader(undefined);
      const lines = [...reader.read(bytes.subarray(0, cut)), ...reader.read(bytes.subarray(cut))];
      expect(lines.map(({ stream, text }) => [stream, text])).toEqual([
        ["stdout", "première"],
        ["stderr", "second"],
        ["stdout", ""],
      ]);
    }
  });

  it("a line the daemon cut in parts: one line, with the other stream's line between", () => {
    const reader = logReader(undefined);
    const lines = reader.read(
      Buffer.concat([
        frame(1, `${at(5)} long, `),
        frame(2, `${at(6)} meanwhile\n`),
        frame(1, `${at(5)} longer\n`),
      ]),
    );
    expect(lines.map(({ text }) => text)).toEqual(["meanwhile", "long, longer"]);
  });

  it("the last line without a newline: comes at the end", () => {
    const reader = logReader(undefined);
    expect(reader.read(frame(1, `${at(7)} no newline`))).toEqual([]);
    expect(reader.end().map(({ text }) => text)).toEqual(["no newline"]);
    expect(reader.end()).toEqual([]);
  });

  it("a line that never ends: cut, and resumed behind the cut", () => {
    const bytes = Buffer.concat(
      Array.from({ length: 40 }, () => frame(1, `${at(5)} ${"x".repeat(16_000)}`)),
    );
    const reader = logReader(undefined);
    const lines = reader.read(bytes);
    expect(lines.map(({ text }) => text.length)).toEqual([272_000, 272_000]);
    const rest = logReader(lines[0]?.stamp).read(bytes);
    expect(rest).toEqual(lines.slice(1));
  });

  it("resumed after any line, stamps equal or out of order between streams: nothing lost or doubled", () => {
    const bytes = Buffer.concat([
      frame(1, `${at(10)} a\n`),
      frame(1, `${at(10)} b\n`),
      frame(1, `${at(30)} c\n`),
      // Stamped before c was, written after it.
      frame(2, `${at(20)} d\n`),
      frame(2, `${at(30)} e\n`),
      frame(1, `${at(30)} f\n`),
    ]);
    const all = logReader(undefined).read(bytes);
    expect(all.map(({ text }) => text).join("")).toBe("abcdef");
    for (const [index, line] of all.entries()) {
      const rest = logReader(line.stamp).read(bytes);
      expect(rest.map(({ text }) => text)).toEqual(all.slice(index + 1).map(({ text }) => text));
    }
  });

  it("a stamp: gives the milliseconds, and a moment before it to ask from", () => {
    const [line] = logReader(undefined).read(frame(1, `${at(123_456_789)} x\n`));
    const stamp = line?.stamp ?? "";
    expect(stampMilliseconds(stamp)).toBe(Date.UTC(2026, 0, 1, 0, 0, 0, 123));
    expect(sinceOf(stamp)).toBe(`${Date.UTC(2025, 11, 31, 23, 59, 59) / 1000}.123456789`);
  });
});
