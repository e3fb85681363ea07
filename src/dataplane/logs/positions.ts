/** The place of an event among all events, as text that compares the way the events are ordered. */

const timestampDigits = 20;
const sequenceDigits = 36;

export type Place = { readonly timestamp: number; readonly sequence: number };

/** 56 digits, as AWS's own event ids have. */
export const formatPosition = ({ timestamp, sequence }: Place): string =>
  String(timestamp).padStart(timestampDigits, "0") + String(sequence).padStart(sequenceDigits, "0");

export const parsePosition = (position: string): Place => ({
  timestamp: Number(position.slice(0, timestampDigits)),
  sequence: Number(position.slice(timestampDigits)),
});

/** What AWS charges an event with beside its text. */
export const eventOverheadBytes = 26;
