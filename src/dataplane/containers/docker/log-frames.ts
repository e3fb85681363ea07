/**
 * Reads the daemon's multiplexed log stream: frames of an 8-byte header (stream, length) and a payload
 * of `<RFC 3339 stamp> <text>`. A payload without a newline is part of a longer line (the daemon cuts
 * at 16 KiB) and all parts of a line carry the same stamp; a line without end is cut where the awslogs
 * driver cuts it. A container with a terminal has one stream
 * and no frames: stamped lines, ended as terminals end them.
 *
 * A stamp is `<time>;<stdout's place>;<stderr's place>`, a place being the time of the stream's last
 * line, with `+n` for the n-th further line of that nanosecond. Each stream has a place of its own
 * because the daemon stamps a line before it writes it: only within a stream are stamps in order.
 */
import type { LogLine } from "../port.ts";

export type LogReader = {
  /** The lines that `chunk` completes, without those up to the stamp the reader was made with. */
  read(chunk: Buffer): LogLine[];
  /** What the container wrote last without ending the line. */
  end(): LogLine[];
};

type Stream = LogLine["stream"];
type Part = { time: bigint; text: string };
type Place = { readonly time: bigint; readonly repeat: number };

export function logReader(afterStamp: string | undefined, isTerminal = false): LogReader {
  let rest: Buffer = Buffer.alloc(0);
  const parts = new Map<Stream, Part>();
  const seen = placesOf(afterStamp);
  const places = new Map<Stream, Place>();

  const finish = (stream: Stream, part: Part): LogLine[] => {
    const before = places.get(stream);
    const repeat = before?.time === part.time ? before.repeat + 1 : 0;
    const place = { time: part.time, repeat };
    places.set(stream, place);
    const known = seen.get(stream);
    if (known && !isAfter(place, known)) return [];
    seen.set(stream, place);
    return [{ stream, stamp: stampOf(part.time, seen), text: part.text }];
  };

  const readFrame = (stream: Stream, payload: string): LogLine[] => {
    const space = payload.indexOf(" ");
    const ended = payload.endsWith("\n");
    const text = payload.slice(space + 1, ended ? -1 : undefined);
    const before = parts.get(stream);
    const part = before
      ? { time: before.time, text: before.text + text }
      : { time: nanosecondsOf(payload.slice(0, space)), text };
    const isWhole = ended || part.text.length >= longestLine;
    if (isWhole) parts.delete(stream);
    else parts.set(stream, part);
    return isWhole ? finish(stream, part) : [];
  };

  const readTerminal = (): LogLine[] => {
    const lines: LogLine[] = [];
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      const line = rest.toString("utf8", 0, end).replace(/\r$/, "");
      lines.push(...readFrame("stdout", `${line}\n`));
      rest = rest.subarray(end + 1);
    }
    return lines;
  };

  return {
    read(chunk) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      if (isTerminal) return readTerminal();
      const lines: LogLine[] = [];
      let at = 0;
      while (rest.length - at >= 8) {
        const length = rest.readUInt32BE(at + 4);
        if (rest.length - at - 8 < length) break;
        const stream = rest[at] === 2 ? "stderr" : "stdout";
        lines.push(...readFrame(stream, rest.toString("utf8", at + 8, at + 8 + length)));
        at += 8 + length;
      }
      rest = rest.subarray(at);
      return lines;
    },
    end() {
      if (isTerminal && rest.length > 0) readFrame("stdout", rest.toString());
      const lines = [...parts].flatMap(([stream, part]) => finish(stream, part));
      parts.clear();
      return lines;
    },
  };
}

const newline = 0x0a;
const longestLine = 256 * 1024;

const isAfter = (a: Place, b: Place): boolean =>
  a.time === b.time ? a.repeat > b.repeat : a.time > b.time;

function stampOf(time: bigint, places: ReadonlyMap<Stream, Place>): string {
  const print = (place: Place | undefined): string =>
    place ? `${place.time}${place.repeat > 0 ? `+${place.repeat}` : ""}` : "";
  return `${time};${print(places.get("stdout"))};${print(places.get("stderr"))}`;
}

function placesOf(stamp: string | undefined): Map<Stream, Place> {
  const [, stdout = "", stderr = ""] = stamp?.split(";") ?? [];
  const places = new Map<Stream, Place>();
  const read = (stream: Stream, text: string): void => {
    const [time = "", repeat = "0"] = text.split("+");
    if (time !== "") places.set(stream, { time: BigInt(time), repeat: Number(repeat) });
  };
  read("stdout", stdout);
  read("stderr", stderr);
  return places;
}

/** `2026-01-01T00:00:00.000000001Z` in nanoseconds since the epoch. */
function nanosecondsOf(text: string): bigint {
  const [whole = "", fraction = ""] = text.replace("Z", "").split(".");
  const seconds = Date.parse(`${whole}Z`) / 1000;
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
}

const second = 1_000_000_000n;

/**
 * A stamp as the API's `since` takes it. A second earlier than the stamp, which is far more than one
 * stream's lines can lag behind the other's; the reader leaves out what is known.
 */
export function sinceOf(stamp: string): string {
  const from = BigInt(stamp.replace(/;.*$/, "")) - second;
  return `${from / second}.${(from % second).toString().padStart(9, "0")}`;
}
