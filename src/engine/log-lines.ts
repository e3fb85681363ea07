/**
 * How the lines of a container become log events, as the awslogs driver does it: one event a line, or,
 * with a pattern, one from a line that matches up to the next that does. Lines joined so keep their
 * ends, the last one too.
 */

export type OutputLine = {
  /** Where the line stands, for going on behind it. */
  readonly stamp: string;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly text: string;
};

export type LineEvent = { readonly timestamp: number; readonly message: string };

/** Events, and the stamp of the last line that is in them. */
export type JoinedLines = { readonly events: readonly LineEvent[]; readonly stamp: string };

export type LineJoiner = {
  /** What is complete now that this line is known. */
  add(line: OutputLine): JoinedLines | undefined;
  /** What no further line is awaited for. */
  end(): JoinedLines | undefined;
  /** When the lines that wait for others began, by their own time. */
  waitingSince(): number | undefined;
};

/** `startsEvent` tells the first line of an event; undefined when each line is one. */
export function lineJoiner(startsEvent: ((text: string) => boolean) | undefined): LineJoiner {
  if (!startsEvent) {
    return { add: eventsOfLine, end: () => undefined, waitingSince: () => undefined };
  }
  let waiting: { first: OutputLine; text: string; stamp: string } | undefined;
  const end = (): JoinedLines | undefined => {
    const done = waiting;
    waiting = undefined;
    return done && eventsOf({ ...done.first, text: done.text, stamp: done.stamp });
  };
  return {
    add(line) {
      const text = `${line.text}\n`;
      const isFull = waiting !== undefined && waiting.text.length + text.length > safeLength;
      if (waiting && !isFull && !startsEvent(line.text)) {
        waiting = { first: waiting.first, text: waiting.text + text, stamp: line.stamp };
        return undefined;
      }
      const before = end();
      waiting = { first: line, text, stamp: line.stamp };
      return before;
    },
    end,
    waitingSince: () => waiting?.first.timestamp,
  };
}

const eventsOfLine = (line: OutputLine): JoinedLines | undefined =>
  line.text === "" ? undefined : eventsOf(line);

const eventsOf = ({ text, timestamp, stamp }: OutputLine): JoinedLines => ({
  events: messagesOf(text).map((message) => ({ timestamp, message })),
  stamp,
});

/** CloudWatch Logs takes events of 256 KiB, of which it counts 26 bytes for itself. */
const largestMessageBytes = 256 * 1024 - 26;
/** No UTF-16 unit makes more than three bytes of UTF-8. */
const safeLength = Math.floor(largestMessageBytes / 3);

/** The messages of a text: none of an empty one, several of one that is too long. */
export function messagesOf(text: string): string[] {
  const messages: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + safeLength);
    const last = text.charCodeAt(end - 1);
    // Not between the two halves of a character.
    if (end < text.length && last >= 0xd800 && last < 0xdc00) end -= 1;
    messages.push(text.slice(at, end));
    at = end;
  }
  return messages;
}
