/** Values that are text on the wire: timestamps, numbers and bytes. */
import type { TimestampFormat } from "../wire/shapes.ts";

const isoPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i;
const httpDatePattern =
  /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d(?:\.\d{1,9})? GMT$/;
const numberPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** Undefined when `text` is not a decimal number. */
export function parseNumber(text: string): number | undefined {
  if (!numberPattern.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** Undefined when `text` is neither `true` nor `false`, in any case. */
export function parseBoolean(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  return lower === "true" ? true : lower === "false" ? false : undefined;
}

/** Undefined when `text` is none of the three formats; services take any of them in a query. */
export function parseTimestamp(text: string): Date | undefined {
  if (isoPattern.test(text) || httpDatePattern.test(text)) return validDate(Date.parse(text));
  const seconds = parseNumber(text);
  return seconds === undefined ? undefined : fromEpochSeconds(seconds);
}

/** Undefined beyond the range of dates. */
export function fromEpochSeconds(seconds: number): Date | undefined {
  return validDate(Math.round(seconds * 1000));
}

function validDate(milliseconds: number): Date | undefined {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** As text; whole seconds are written without a fraction. */
export function printTimestamp(date: Date, format: TimestampFormat): string {
  switch (format) {
    case "date-time":
      return printIso(date);
    case "http-date":
      return date.toUTCString();
    case "epoch-seconds":
      return String(date.getTime() / 1000);
  }
}

const dayMs = 86_400_000;
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, "0"));
let lastDay = { day: Number.NaN, text: "" };

// Much of what one answer tells was made on one day, and printing that is most of the work.
function printIso(date: Date): string {
  const time = date.getTime();
  const day = Math.floor(time / dayMs);
  if (day !== lastDay.day) {
    const text = date.toISOString();
    lastDay = { day, text: text.slice(0, text.indexOf("T") + 1) };
  }
  const ofDay = time - day * dayMs;
  const seconds = Math.floor(ofDay / 1000);
  const [hour, minute, second] = [
    twoDigits[Math.floor(seconds / 3600)],
    twoDigits[Math.floor(seconds / 60) % 60],
    twoDigits[seconds % 60],
  ];
  const milliseconds = ofDay % 1000;
  const fraction = milliseconds === 0 ? "" : `.${String(milliseconds).padStart(3, "0")}`;
  return `${lastDay.text}${hour}:${minute}:${second}${fraction}Z`;
}

/** Undefined when `text` is not base 64. */
export function parseBase64(text: string): Uint8Array | undefined {
  return base64Pattern.test(text) ? new Uint8Array(Buffer.from(text, "base64")) : undefined;
}

export function printBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
