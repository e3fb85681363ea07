/** What the engine says about itself: one line an event, as text for people or JSON for machines. */
export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, unknown>>;

export type Logger = {
  /** `fields` may be how to make them: what nobody reads is not worth making. */
  debug(message: string, fields?: LogFields | (() => LogFields)): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
};

const rank: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

const made = (fields: LogFields | (() => LogFields)): LogFields =>
  typeof fields === "function" ? fields() : fields;

function printable(value: unknown): unknown {
  return value instanceof Error ? (value.stack ?? value.message) : value;
}

/** Writes one JSON line an event through `write`, from `level` up. `stamp` gives the wall time. */
export function jsonLogger(options: {
  level: LogLevel;
  stamp: () => number;
  write: (line: string) => void;
}): Logger {
  const log =
    (level: LogLevel) =>
    (message: string, fields: LogFields | (() => LogFields) = {}) => {
      if (rank[level] < rank[options.level]) return;
      const entry: Record<string, unknown> = {
        time: new Date(options.stamp()).toISOString(),
        level,
        message,
      };
      for (const [key, value] of Object.entries(made(fields))) entry[key] = printable(value);
      options.write(`${JSON.stringify(entry)}\n`);
    };
  return { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
}

export type RecordedLog = Logger & {
  lines: { level: LogLevel; message: string; fields: LogFields }[];
};

/** Keeps what is said, for tests to look at. */
export function recordingLogger(): RecordedLog {
  const lines: RecordedLog["lines"] = [];
  const log =
    (level: LogLevel) =>
    (message: string, fields: LogFields | (() => LogFields) = {}) => {
      lines.push({ level, message, fields: made(fields) });
    };
  return { lines, debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
}
