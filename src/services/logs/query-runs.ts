/**
 * Logs Insights queries of this engine's life, under way and ended. AWS keeps them for a week; here
 * they end with the process, and the oldest make room.
 */
import type {
  AnalysisProgress,
  AnalysisRow,
  LogAnalysis,
  LogStore,
} from "../../dataplane/logs/port.ts";
import type { Scope } from "../../model/scope.ts";
import type { Logger } from "../../seams/logger.ts";

export type QueryStatus = "Running" | "Complete" | "Failed" | "Cancelled";

export type QueryRun = {
  readonly id: string;
  readonly scope: Scope;
  readonly analysis: LogAnalysis;
  readonly groups: readonly string[];
  readonly startedBy: string;
  status: QueryStatus;
  progress: AnalysisProgress;
  rows: readonly AnalysisRow[];
};

export type QueryRuns = {
  /** Undefined when as many are under way as may be. */
  start(
    run: Pick<QueryRun, "id" | "scope" | "analysis" | "groups" | "startedBy">,
    logger: Logger,
  ): QueryRun | undefined;
  find(scope: Scope, id: string): QueryRun | undefined;
  /** Newest first. */
  list(scope: Scope): QueryRun[];
  /** False when it has ended already. */
  stop(run: QueryRun): boolean;
};

const mostUnderWay = 30;
const mostKept = 200;

export function createQueryRuns(logs: LogStore): QueryRuns {
  const runs = new Map<string, { readonly run: QueryRun; readonly halt: AbortController }>();

  const forgetOldest = (): void => {
    for (const [id, { run }] of runs) {
      if (runs.size <= mostKept) return;
      if (run.status !== "Running") runs.delete(id);
    }
  };

  const inScope = (scope: Scope): QueryRun[] =>
    [...runs.values()]
      .map(({ run }) => run)
      .filter((run) => run.scope.account === scope.account && run.scope.region === scope.region);

  return {
    start(started, logger) {
      const underWay = [...runs.values()].filter(({ run }) => run.status === "Running");
      if (underWay.length >= mostUnderWay) return undefined;
      const progress = { scanned: 0, bytes: 0, matched: 0 };
      const run: QueryRun = { ...started, status: "Running", progress, rows: [] };
      const halt = new AbortController();
      runs.set(run.id, { run, halt });
      forgetOldest();
      const report = (at: AnalysisProgress): void => {
        run.progress = at;
      };
      logs.analyse(run.analysis, report, halt.signal).then(
        (rows) => {
          if (run.status !== "Running") return;
          run.rows = rows;
          run.status = "Complete";
        },
        (error: unknown) => {
          if (run.status !== "Running") return;
          run.status = "Failed";
          logger.warn("logs: a query failed", { id: run.id, error });
        },
      );
      return run;
    },
    find: (scope, id) => inScope(scope).find((run) => run.id === id),
    list: (scope) => inScope(scope).toReversed(),
    stop(run) {
      if (run.status !== "Running") return false;
      run.status = "Cancelled";
      runs.get(run.id)?.halt.abort();
      return true;
    },
  };
}
