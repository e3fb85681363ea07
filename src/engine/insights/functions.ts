/** The functions of Logs Insights on single values. */
import { parseAddress, parseCidr } from "../../model/cidr.ts";
import { canonicalIpv6Cidr } from "../../model/ipv6.ts";
import { toNumber, toText, type Value } from "./values.ts";

type Function = {
  readonly least: number;
  readonly most: number;
  readonly run: (args: readonly Value[], now: number) => Value;
};

export const functionArity = (name: string): { least: number; most: number } | undefined =>
  Object.hasOwn(functions, name) ? functions[name] : undefined;

/** `now`: the engine time at which the query was started. */
export const callFunction = (name: string, args: readonly Value[], now: number): Value =>
  functions[name]?.run(args, now);

const onNumbers = (count: number, run: (...numbers: number[]) => number): Function => ({
  least: count,
  most: count,
  run(args) {
    const numbers = args.map(toNumber);
    if (numbers.some((number) => number === undefined)) return undefined;
    const result = run(...(numbers as number[]));
    return Number.isFinite(result) ? result : undefined;
  },
});

const onText = (least: number, most: number, run: (...texts: string[]) => Value): Function => ({
  least,
  most,
  run(args) {
    if (args[0] === undefined) return undefined;
    return run(...args.map((value) => (value === undefined ? "" : toText(value))));
  },
});

const extreme = (pick: (...numbers: number[]) => number): Function => ({
  least: 1,
  most: Number.POSITIVE_INFINITY,
  run(args) {
    const numbers = args.flatMap((value) => toNumber(value) ?? []);
    return numbers.length === 0 ? undefined : pick(...numbers);
  },
});

const onMoment = (run: (moment: number, period: number) => number): Function => ({
  least: 2,
  most: 2,
  run([moment, period]) {
    const [at, length] = [toNumber(moment), toNumber(period)];
    return at === undefined || !length ? undefined : { moment: run(at, length) };
  },
});

const escapeSet = (characters: string): string =>
  characters === "" ? "\\s" : characters.replaceAll(/[\\\]^-]/g, "\\$&");
const trimStart = (text: string, set: string): string =>
  text.replace(new RegExp(`^[${escapeSet(set)}]+`), "");
const trimEnd = (text: string, set: string): string =>
  text.replace(new RegExp(`[${escapeSet(set)}]+$`), "");

const isIpv4 = (text: string): boolean => parseAddress(text) !== undefined;
const isIpv6 = (text: string): boolean => canonicalIpv6Cidr(`${text}/128`) !== undefined;

function isInIpv4(text: string, subnet: string): boolean {
  const [address, block] = [parseAddress(text), parseCidr(subnet)];
  if (address === undefined || !block) return false;
  const size = 2 ** (32 - block.bits);
  return Math.floor(address / size) === Math.floor(block.base / size);
}

function isInIpv6(text: string, subnet: string): boolean {
  const block = canonicalIpv6Cidr(subnet);
  return block !== undefined && canonicalIpv6Cidr(`${text}/${block.split("/")[1]}`) === block;
}

const functions: Readonly<Record<string, Function>> = {
  abs: onNumbers(1, Math.abs),
  ceil: onNumbers(1, Math.ceil),
  floor: onNumbers(1, Math.floor),
  log: onNumbers(1, Math.log),
  sqrt: onNumbers(1, Math.sqrt),
  greatest: extreme(Math.max),
  least: extreme(Math.min),
  isempty: {
    least: 1,
    most: 1,
    run: ([value]) => Number(value === undefined || toText(value) === ""),
  },
  isblank: {
    least: 1,
    most: 1,
    run: ([value]) => Number(value === undefined || toText(value).trim() === ""),
  },
  concat: {
    least: 1,
    most: Number.POSITIVE_INFINITY,
    run: (args) => args.map((value) => (value === undefined ? "" : toText(value))).join(""),
  },
  strlen: onText(1, 1, (text) => [...text].length),
  toupper: onText(1, 1, (text) => text.toUpperCase()),
  tolower: onText(1, 1, (text) => text.toLowerCase()),
  trim: onText(1, 2, (text, set = "") => trimEnd(trimStart(text, set), set)),
  ltrim: onText(1, 2, (text, set = "") => trimStart(text, set)),
  rtrim: onText(1, 2, (text, set = "") => trimEnd(text, set)),
  substr: onText(2, 3, (text, start = "0", length = "") => {
    const from = Math.max(0, Number(start));
    return length === "" ? text.slice(from) : text.slice(from, from + Number(length));
  }),
  replace: onText(3, 3, (text, search = "", by = "") =>
    search === "" ? text : text.replaceAll(search, () => by),
  ),
  strcontains: onText(2, 2, (text, search = "") => Number(text.includes(search))),
  ispresent: { least: 1, most: 1, run: ([value]) => value !== undefined },
  coalesce: {
    least: 1,
    most: Number.POSITIVE_INFINITY,
    run: (args) => args.find((value) => value !== undefined),
  },
  datefloor: onMoment((at, period) => Math.floor(at / period) * period),
  dateceil: onMoment((at, period) => Math.ceil(at / period) * period),
  frommillis: {
    least: 1,
    most: 1,
    run([value]) {
      const moment = toNumber(value);
      return moment === undefined ? undefined : { moment };
    },
  },
  tomillis: { least: 1, most: 1, run: ([value]) => toNumber(value) },
  isvalidip: onText(1, 1, (text) => isIpv4(text) || isIpv6(text)),
  isvalidipv4: onText(1, 1, (text) => isIpv4(text)),
  isvalidipv6: onText(1, 1, (text) => isIpv6(text)),
  isipinsubnet: onText(
    2,
    2,
    (text, subnet = "") => isInIpv4(text, subnet) || isInIpv6(text, subnet),
  ),
  isipv4insubnet: onText(2, 2, (text, subnet = "") => isInIpv4(text, subnet)),
  isipv6insubnet: onText(2, 2, (text, subnet = "") => isInIpv6(text, subnet)),
  now: { least: 0, most: 0, run: (_, now) => Math.floor(now / 1_000) },
  // Of the event's own time, which the evaluation puts first.
  bin: { least: 1, most: 1, run: () => undefined },
};
