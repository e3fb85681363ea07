/** What every kind of filter pattern comes to. */

/** What a message that passes gives: values by selector, such as `$.level` or `$status`. */
export type Extracted = Readonly<Record<string, string>>;

export type LogPattern = {
  /** Whether it is about whole words, JSON or fields. */
  readonly type: "terms" | "json" | "fields";
  readonly matches: (message: string) => boolean;
  /** The values that the pattern names; undefined when the message does not pass. */
  readonly extract: (message: string) => Extracted | undefined;
};
