/** Filters of the Describe operations: values ORed, filters ANDed, `*` and `?` as wildcards. */
import type { Filter, Tag } from "@aws-sdk/client-ec2";
import { invalidParameterValue } from "./errors.ts";

type FilterValue = string | number | boolean | undefined;

/**
 * The filters of a resource: what each compares with, taken from the resource as it is shown. A
 * filter on something that resources here never have gives nothing, and so never matches.
 */
export type FilterTable<View> = Readonly<
  Record<string, (view: View) => FilterValue | readonly FilterValue[]>
>;

/** Not every view has tags; network interfaces alone call theirs TagSet. */
type Tagged = { Tags?: Tag[] | undefined; TagSet?: Tag[] | undefined };

function tagsOf(view: object): readonly Tag[] {
  const { Tags, TagSet }: Tagged = view;
  return Tags ?? TagSet ?? [];
}

/** The views that match every filter. Refuses a filter that the table does not have. */
export function applyFilters<View extends object>(
  views: readonly View[],
  filters: readonly Filter[] | undefined,
  table: FilterTable<View>,
): View[] {
  const matchers = (filters ?? []).map((filter) => matcherOf(filter, table));
  return views.filter((view) => matchers.every((matches) => matches(view)));
}

function matcherOf<View extends object>(
  filter: Filter,
  table: FilterTable<View>,
): (view: View) => boolean {
  const valuesOf = valuesFor(filter.Name ?? "", table);
  if (!filter.Values?.length) {
    throw invalidParameterValue(`The filter '${filter.Name}' must have at least one value`);
  }
  const patterns = filter.Values.map(patternOf);
  return (view) => valuesOf(view).some((value) => patterns.some((pattern) => pattern.test(value)));
}

function valuesFor<View extends object>(
  name: string,
  table: FilterTable<View>,
): (view: View) => readonly string[] {
  if (name === "tag-key") return (view) => tagsOf(view).flatMap((tag) => tag.Key ?? []);
  // No longer documented, and still taken.
  if (name === "tag-value") return (view) => tagsOf(view).flatMap((tag) => tag.Value ?? []);
  if (name.startsWith("tag:")) {
    const key = name.slice("tag:".length);
    return (view) => tagsOf(view).flatMap((tag) => (tag.Key === key ? (tag.Value ?? "") : []));
  }
  const valuesOf = Object.hasOwn(table, name) ? table[name] : undefined;
  if (!valuesOf) throw invalidParameterValue(`The filter '${name}' is invalid`);
  return (view) =>
    [valuesOf(view)].flat().flatMap((value) => (value === undefined ? [] : String(value)));
}

const anyText = Symbol("any text");
const anySign = Symbol("any sign");
type Part = string | typeof anyText | typeof anySign;

/**
 * A backslash takes a wildcard literally. Going back to the last star only keeps a hostile pattern at
 * pattern × value steps.
 */
function patternOf(value: string): { test(text: string): boolean } {
  const parts: Part[] = [];
  for (const [, escaped, plain] of value.matchAll(/\\([\s\S])|([\s\S])/gu)) {
    if (plain === "*") parts.push(anyText);
    else parts.push(plain === "?" ? anySign : (escaped ?? plain ?? ""));
  }
  return { test: (text) => matchesAll(parts, [...text]) };
}

function matchesAll(parts: readonly Part[], signs: readonly string[]): boolean {
  let [part, sign] = [0, 0];
  let star = -1;
  let resume = 0;
  while (sign < signs.length) {
    const wanted = parts[part];
    if (wanted === anyText) {
      star = part;
      resume = sign;
      part += 1;
    } else if (wanted !== undefined && (wanted === anySign || wanted === signs[sign])) {
      part += 1;
      sign += 1;
    } else if (star >= 0) {
      part = star + 1;
      resume += 1;
      sign = resume;
    } else return false;
  }
  return parts.slice(part).every((left) => left === anyText);
}
