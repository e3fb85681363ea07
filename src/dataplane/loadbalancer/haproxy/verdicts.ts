/** What HAProxy's statistics say of its checks, in Elastic Load Balancing's terms. Pure. */
import type { CheckVerdict } from "../../../model/load-balancing.ts";

/** The part of a server's statistics that tells of its checks. */
export type CheckStatistics = {
  readonly backend: string;
  readonly name: string;
  /** `UP`, `UP 1/2`, `DRAIN`, `DOWN`, `DOWN 1/3`, `MAINT`, `no check`. */
  readonly status: string;
  /** `INI`, `L7OK`, `L7STS`, `L4CON`, `L4TOUT` … */
  readonly check: string;
  readonly code: number | undefined;
};

/** Servers of `show stat`. Columns are found by their names. */
export function parseStatistics(csv: string): CheckStatistics[] {
  const [head = "", ...rows] = csv.split("\n");
  const names = head.replace(/^# /, "").split(",");
  const column = (name: string): number => names.indexOf(name);
  const [backend, server, status] = [column("pxname"), column("svname"), column("status")];
  const [check, code] = [column("check_status"), column("check_code")];
  return rows.flatMap((row) => {
    const fields = row.split(",");
    if (fields.length < names.length - 1) return [];
    const number = Number(fields[code]);
    return {
      backend: fields[backend] ?? "",
      name: fields[server] ?? "",
      status: fields[status] ?? "",
      // A star marks a check that is under way.
      check: (fields[check] ?? "").replace(/^\* /, ""),
      code: number > 0 ? number : undefined,
    };
  });
}

/** The verdict after these statistics; `before` stands while the thresholds are not reached. */
export function nextVerdict(before: CheckVerdict, now: CheckStatistics): CheckVerdict {
  if (now.status.startsWith("DOWN")) return failing(before, now);
  if (now.check === "L7OK") return { type: "passing" };
  return before;
}

function failing(before: CheckVerdict, { check, code }: CheckStatistics): CheckVerdict {
  // On its way up, or not checked yet by this process: what was known of it stands.
  if (check === "L7OK" || check === "INI" || check === "") return before;
  if (/TOUT$/.test(check)) return { type: "failing", cause: "timeout", code: undefined };
  if (check !== "L7STS") return { type: "failing", cause: "connection", code: undefined };
  // Just after a reload the code is not known again yet.
  if (code === undefined && before.type === "failing") return before;
  return { type: "failing", cause: "code", code };
}

export const isSameVerdict = (a: CheckVerdict, b: CheckVerdict): boolean =>
  a.type === b.type &&
  (a.type !== "failing" || (b.type === "failing" && a.cause === b.cause && a.code === b.code));
