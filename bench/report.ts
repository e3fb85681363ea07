/** Medians, ratios and tables, as every benchmark prints them. */
import { readFileSync } from "node:fs";

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return (low + high) / 2;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export type Row = {
  readonly what: string;
  readonly value: string;
  readonly bound?: string;
  readonly ok?: boolean;
};

/** A Markdown table on standard output; exit code 1 when a bounded ratio does not hold, never for a time. */
export function report(title: string, rows: readonly Row[]): void {
  const lines = [`\n### ${title}\n`, "| what | value | bound |", "|---|---|---|"];
  for (const { what, value, bound, ok } of rows) {
    lines.push(
      `| ${what} | ${value} | ${bound === undefined ? "" : `${bound}${ok === false ? " (missed)" : ""}`} |`,
    );
  }
  process.stdout.write(`${lines.join("\n")}\n`);
  if (rows.some(({ what, ok }) => what.includes("ratio") && ok === false)) process.exitCode = 1;
}

/** Resident memory of a process and all below it, in MB, leaving out those whose name `skip` matches. */
export function residentMegabytes(
  root: number,
  children: ReadonlyMap<number, readonly number[]>,
  skip: RegExp,
): number {
  let name = "";
  let own = 0;
  try {
    name = readFileSync(`/proc/${root}/comm`, "utf8").trim();
    own =
      Number(
        /^Rss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${root}/smaps_rollup`, "utf8"))?.[1] ?? 0,
      ) / 1000;
  } catch {
    return 0;
  }
  if (skip.test(name)) return 0;
  return (children.get(root) ?? []).reduce(
    (sum, child) => sum + residentMegabytes(child, children, skip),
    own,
  );
}
