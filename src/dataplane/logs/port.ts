/** CloudWatch Logs' bulk data: the events of log streams. Groups and streams themselves are records. */

export type LogEvent = {
  /** Milliseconds since the epoch, as the writer stamped it. */
  readonly timestamp: number;
  readonly message: string;
};

export type StoredLogEvent = LogEvent & {
  readonly eventId: string;
  readonly streamKey: string;
  readonly ingestionTime: number;
  /**
   * Place in the order of all events (timestamp, then arrival): text that compares as the events do.
   * Opaque outside but for that.
   */
  readonly position: string;
};

export type LogQuery = {
  readonly streamKeys: readonly string[];
  /** Inclusive; undefined for no bound. */
  readonly startTime: number | undefined;
  /** Exclusive for GetLogEvents and inclusive for FilterLogEvents: the caller has adjusted it. */
  readonly endTimeExclusive: number | undefined;
  /** Events after (forward) or before (backward) this position. */
  readonly from: string | undefined;
  readonly direction: "forward" | "backward";
  readonly limit: number;
  /** Events are given until their messages together pass this; the first one always is. */
  readonly maxBytes: number;
  /** Plain text that a message must contain, all of them. */
  readonly contains: readonly string[];
};

export type LogStore = {
  /** Durable against the death of the process when it resolves. */
  append(streamKey: string, events: readonly LogEvent[], ingestionTime: number): Promise<void>;
  /** In the order of their positions whichever the direction: backward gives the last ones before. */
  query(query: LogQuery): Promise<readonly StoredLogEvent[]>;
  /** First and last event times and the stored bytes of a stream. */
  describe(streamKey: string): Promise<
    | {
        readonly first: number;
        readonly last: number;
        readonly lastIngestion: number;
        readonly bytes: number;
      }
    | undefined
  >;
  /** Bytes kept of these streams together. */
  storedBytes(streamKeys: readonly string[]): Promise<number>;
  /** Streams that hold events, for finding those the state no longer knows. */
  streams(): Promise<readonly string[]>;
  deleteStream(streamKey: string): Promise<void>;
  deleteBefore(streamKeys: readonly string[], timestamp: number): Promise<void>;
  clear(): Promise<void>;
  close(): Promise<void>;
};
