/** A question about a path in a person's words, answered. */
import { type EndRecords, findEnd } from "./ends.ts";
import type { Flow } from "./flow.ts";
import { type Path, walk } from "./walk.ts";

export type Question = {
  readonly from: string;
  readonly to: string;
  readonly flow: Flow;
};

export type Explanation = Path & {
  /** The ends as they were understood. */
  readonly from: string;
  readonly to: string;
  readonly flow: Flow;
};

export type Answer =
  | { readonly type: "answer"; readonly explanation: Explanation }
  | { readonly type: "unknown"; readonly message: string };

export function explain(records: EndRecords, { from, to, flow }: Question): Answer {
  const sender = findEnd(records, from, undefined);
  if (sender.type === "unknown") return sender;
  const near = sender.end.type === "interface" ? sender.end.record : undefined;
  const receiver = findEnd(records, to, near);
  if (receiver.type === "unknown") return receiver;
  const path = walk(records, sender.end, receiver.end, flow);
  return {
    type: "answer",
    explanation: { ...path, from: sender.shown, to: receiver.shown, flow },
  };
}
