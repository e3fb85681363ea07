/** Logs Insights queries under way: each goes through its events in pieces, so that others get in between. */
import { formatLogPointer } from "../../model/logs.ts";
import { withinTime } from "../../seams/time-limit.ts";
import type { EventReader, StoredRow } from "./event-reader.ts";
import type { StreamRow } from "./event-streams.ts";
import type {
  AnalysedEvent,
  AnalysisProgress,
  AnalysisRow,
  LogAnalysis,
  LogEvaluators,
  RunningAnalysis,
} from "./port.ts";
import { formatPosition } from "./positions.ts";

export type AnalysisStep = {
  readonly progress: AnalysisProgress;
  /** Undefined while there is more to go through. */
  readonly rows: readonly AnalysisRow[] | undefined;
};

type Analysis = {
  readonly request: LogAnalysis;
  readonly streams: readonly StreamRow[];
  readonly running: RunningAnalysis;
  from: string | undefined;
  scanned: number;
  bytes: number;
};

/** Some milliseconds of work. */
const eventsAtOnce = 5_000;
const bytesAtOnce = 4 * 1024 * 1024;
/** Of a piece: only an expression that goes back and forth in its texts takes so long. */
export const pieceLimitMs = 2_000;

export function createAnalyses(evaluators: LogEvaluators, read: EventReader) {
  const underWay = new Map<number, Analysis>();
  let lastId = 0;

  /** Whether there is more. */
  const goOn = (analysis: Analysis): boolean => {
    const { request, streams, running, from } = analysis;
    const keys = new Map(streams.map(({ id, key }) => [id, key]));
    const input = { ...request, streams, from, direction: "backward" as const };
    let last: StoredRow | undefined;
    let count = 0;
    const bytesBefore = analysis.bytes;
    for (const row of read({ ...input, expected: eventsAtOnce })) {
      if (count >= eventsAtOnce || analysis.bytes - bytesBefore >= bytesAtOnce) {
        analysis.from = last && formatPosition(last);
        return true;
      }
      count += 1;
      analysis.scanned += 1;
      analysis.bytes += Buffer.byteLength(row.message);
      last = row;
      if (!running.add(toAnalysed(row, keys.get(row.stream) ?? "", request))) return false;
    }
    return false;
  };

  const goOnOrForget = (id: number, analysis: Analysis): boolean => {
    try {
      return withinTime(pieceLimitMs, () => goOn(analysis));
    } catch (error) {
      underWay.delete(id);
      throw error;
    }
  };

  return {
    open(request: LogAnalysis, streams: readonly StreamRow[]): number {
      const running = evaluators.query(request.query, request);
      lastId += 1;
      underWay.set(lastId, { request, streams, running, from: undefined, scanned: 0, bytes: 0 });
      return lastId;
    },
    advance(id: number): AnalysisStep {
      const analysis = underWay.get(id);
      if (!analysis) throw new Error("this query is not under way");
      const more = goOnOrForget(id, analysis);
      const { scanned, bytes, running } = analysis;
      const progress = { scanned, bytes, matched: running.matched() };
      if (more) return { progress, rows: undefined };
      underWay.delete(id);
      return { progress, rows: running.results() };
    },
    close: (id: number): void => void underWay.delete(id),
  };
}

const toAnalysed = (row: StoredRow, streamKey: string, { names }: LogAnalysis): AnalysedEvent => ({
  timestamp: row.timestamp,
  message: row.message,
  ingestionTime: row.ingestion,
  log: names[streamKey]?.log ?? "",
  logStream: names[streamKey]?.stream ?? "",
  // Few are asked for, and they are long.
  get pointer() {
    return formatLogPointer({ streamKey, position: formatPosition(row) });
  },
});
