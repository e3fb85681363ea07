/** CloudWatch Logs' bulk data: the events of log streams. Groups and streams themselves are records. */
import { formatPosition } from "./positions.ts";

export type LogEvent = {
  /** Milliseconds since the epoch, as the writer stamped it. */
  readonly timestamp: number;
  readonly message: string;
};

export type StoredLogEvent = LogEvent & {
  readonly streamKey: string;
  readonly ingestionTime: number;
  /** Which of all events it was to arrive. */
  readonly sequence: number;
};

/**
 * An event's place in the order of all events (timestamp, then arrival), which is also its id: text
 * that compares as the events do. Opaque outside but for that.
 */
export const positionOf = (event: Pick<StoredLogEvent, "timestamp" | "sequence">): string =>
  formatPosition(event);

export type LogRange = {
  readonly streamKeys: readonly string[];
  /** Inclusive; undefined for no bound. */
  readonly startTime: number | undefined;
  /** Exclusive for GetLogEvents and inclusive for FilterLogEvents: the caller has adjusted it. */
  readonly endTimeExclusive: number | undefined;
};

export type LogQuery = LogRange & {
  /** Events after (forward) or before (backward) this position. */
  readonly from: string | undefined;
  readonly direction: "forward" | "backward";
  readonly limit: number;
  /** Events are given until their messages together pass this; the first one always is. */
  readonly maxBytes: number;
  /** A filter pattern that messages must match; undefined for all. */
  readonly filter: string | undefined;
};

export type LogPage = {
  /** In the order of their positions whichever the direction: backward gives the last ones before. */
  readonly events: readonly StoredLogEvent[];
  /**
   * Where to go on from; undefined at the end of the range. A page of a filter may be short or empty
   * and yet have it: no call looks at more than `scanBudget` events.
   */
  readonly next: string | undefined;
};

/** Events that one call looks at, at most, however few of them match. */
export const scanBudget = 10_000;

export type StreamSummary = {
  /** Times of the first and the last event. */
  readonly first: number;
  readonly last: number;
  readonly lastIngestion: number;
  readonly bytes: number;
};

/** A Logs Insights query over the events of a range, newest first. */
export type LogAnalysis = LogRange & {
  readonly query: string;
  /** Engine time. */
  readonly now: number;
  /** Rows at most, where the query says nothing. */
  readonly limit: number | undefined;
  /** What `@log` and `@logStream` are, by stream key. */
  readonly names: Readonly<Record<string, { readonly log: string; readonly stream: string }>>;
};

export type AnalysedEvent = LogEvent & {
  readonly ingestionTime: number;
  readonly log: string;
  readonly logStream: string;
  readonly pointer: string;
};

export type AnalysisProgress = {
  readonly scanned: number;
  readonly bytes: number;
  readonly matched: number;
};

export type AnalysisRow = readonly { readonly field: string; readonly value: string }[];

export type RunningAnalysis = {
  /** Gives whether a later event can change anything. */
  add(event: AnalysedEvent): boolean;
  matched(): number;
  results(): readonly AnalysisRow[];
};

/** A batch as its writer sent it; the store's languages can tell whether all of it may be stored. */
export type EncodedBatch = {
  readonly streamKey: string;
  readonly body: Uint8Array;
  /** What it must say beside its events. */
  readonly rest: Readonly<Record<string, unknown>>;
  /** Times between which all its events must lie. */
  readonly earliest: number;
  readonly latest: number;
  readonly ingestionTime: number;
};

/** What an event of a page shows beside its times and text: the name of its stream, by key, and its id. */
export type PageForm = { readonly names: Readonly<Record<string, string>> } | undefined;

/** A page as JSON text in UTF-8. */
export type EncodedPage = {
  readonly events: Uint8Array;
  /** Positions of the first and the last event; undefined of an empty page. */
  readonly first: string | undefined;
  readonly last: string | undefined;
  readonly next: string | undefined;
};

/** The languages that a store evaluates where its events lie; it knows none of its own. */
export type LogEvaluators = {
  /** The events of a batch; undefined when not all of it may be stored as it is. */
  readBatch(text: string, batch: EncodedBatch): readonly LogEvent[] | undefined;
  writePage(
    events: Iterable<
      LogEvent & {
        readonly ingestionTime: number;
        readonly streamName?: string | undefined;
        readonly eventId?: string | undefined;
      }
    >,
  ): string;
  filter(pattern: string): (message: string) => boolean;
  query(
    text: string,
    options: { readonly now: number; readonly limit: number | undefined },
  ): RunningAnalysis;
};

/** Told of what has been stored, in the order of arrival. Must not throw. */
export type AppendListener = (
  streamKey: string,
  events: readonly LogEvent[],
  ingestionTime: number,
) => void;

/** How far a writer has come with its source, in its own words. */
export type WriterProgress = { readonly writer: string; readonly place: string };

export type LogStore = {
  /**
   * Durable against the death of the process when it resolves. `progress` is kept with the events or,
   * like them, not at all: a writer that asks for it later has neither lost nor doubled any.
   */
  append(
    streamKey: string,
    events: readonly LogEvent[],
    ingestionTime: number,
    progress?: WriterProgress,
  ): Promise<void>;
  /** As `append`, when all of the batch may be stored as it is. False: nothing of it was. */
  appendEncoded(batch: EncodedBatch): Promise<boolean>;
  /** The place that came with the writer's last events. */
  progressOf(writer: string): Promise<string | undefined>;
  forgetWriters(writers: readonly string[]): Promise<void>;
  /** Calls `listener` after each append to streams that are wanted; gives what ends that. */
  watch(listener: AppendListener, isWanted: (streamKey: string) => boolean): () => void;
  query(query: LogQuery): Promise<LogPage>;
  /** As `query`, written where the events lie. */
  queryEncoded(query: LogQuery, form: PageForm): Promise<EncodedPage>;
  /** The event at a position, if it is still there. */
  find(streamKeys: readonly string[], position: string): Promise<StoredLogEvent | undefined>;
  /** Calls `report` as it goes. Rejects when aborted. */
  analyse(
    analysis: LogAnalysis,
    report: (progress: AnalysisProgress) => void,
    signal: AbortSignal,
  ): Promise<readonly AnalysisRow[]>;
  /** By stream key; streams without events are left out. */
  describe(streamKeys: readonly string[]): Promise<ReadonlyMap<string, StreamSummary>>;
  /** Streams that hold events, for finding those the state no longer knows. */
  streams(): Promise<readonly string[]>;
  deleteStream(streamKey: string): Promise<void>;
  deleteBefore(streamKeys: readonly string[], timestamp: number): Promise<void>;
  clear(): Promise<void>;
  close(): Promise<void>;
};
