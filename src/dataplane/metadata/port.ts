/**
 * The task metadata endpoint: what tasks get when they ask 169.254.170.2. The server holds a table that
 * a loop pushes into it and reads nothing by itself.
 */

/** One task that may ask, with the documents it may see. */
export type MetadataEntry = {
  /** Where the question must come from. */
  readonly vpcId: string;
  readonly address: string;
  /** What `…/task` answers; JSON. */
  readonly task: unknown;
  readonly containers: readonly {
    /** Names the container in the path. */
    readonly runtimeId: string;
    readonly document: unknown;
  }[];
};

export type MetadataServer = {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Replaces the table. */
  set(entries: readonly MetadataEntry[]): void;
};
