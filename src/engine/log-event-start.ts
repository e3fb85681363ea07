/**
 * Which lines begin an event: `awslogs-multiline-pattern` is a regular expression of Go's kind that is
 * looked for in the line, `awslogs-datetime-format` a time in strftime's letters.
 */
import { compileLinearRegex } from "./linear-regex/matcher.ts";

const months =
  "January|February|March|April|May|June|July|August|September|October|November|December";
const days = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday";
const short = (names: string): string => names.replaceAll(/([A-Z][a-z]{2})[a-z]*/g, "$1");

/** The letters that the driver knows, and what each stands for. */
const letters: Readonly<Record<string, string>> = {
  a: `(?:${short(days)})`,
  A: `(?:${days})`,
  w: "[0-6]",
  d: "(?:0[1-9]|[12][0-9]|3[01])",
  b: `(?:${short(months)})`,
  B: `(?:${months})`,
  m: "(?:0[1-9]|1[0-2])",
  Y: "[0-9]{4}",
  y: "[0-9]{2}",
  H: "(?:[01][0-9]|2[0-3])",
  I: "(?:0[0-9]|1[0-2])",
  p: "[AP]M",
  M: "[0-5][0-9]",
  S: "[0-5][0-9]",
  f: "[0-9]{6}",
  z: "[+-][0-9]{4}",
  Z: "[A-Z]{1,4}T",
  j: "(?:[012][0-9]{2}|3[0-5][0-9]|36[0-6])",
  L: "\\.[0-9]{3}",
  "%": "%",
};

/** The rest of a format is a regular expression, too, and letters that are not known stay in it. */
const datetimePattern = (format: string): string =>
  format.replaceAll(/%(.)/gs, (whole, letter: string) => letters[letter] ?? whole);

type Options = Readonly<Record<string, string>>;

/** Undefined when each line is an event. Throws `RegexSyntaxError` for a pattern that is none. */
export function eventStartOf(options: Options): ((text: string) => boolean) | undefined {
  const format = options["awslogs-datetime-format"];
  const pattern =
    format === undefined ? options["awslogs-multiline-pattern"] : datetimePattern(format);
  return pattern ? compileLinearRegex(pattern).test : undefined;
}
