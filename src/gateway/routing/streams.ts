/** Which requests are for operations that read the body as it comes: told before any of it is read. */
import { ApiError } from "../api-error.ts";
import { readCredential, UnreadableCredential } from "../identity.ts";
import { headerOf, openEnvelope, type RequestHead } from "../request.ts";
import type { CataloguedService } from "./catalog.ts";
import { readAsked } from "./route.ts";

const nothing = Buffer.alloc(0);

export function streamFinder(
  services: readonly CataloguedService[],
): (head: RequestHead) => boolean {
  // Only of REST services is the operation told by the head.
  const hasAny = services.some(({ linked: { model }, router }) => {
    const inputs = Object.values(model.operations).map(({ input }) => model.shapes[input ?? ""]);
    return router !== undefined && inputs.some((shape) => shape !== undefined && streams(shape));
  });
  if (!hasAny) return () => false;
  return (head) => isJudgedOnTheWay(head) && asksForStream(head, services);
}

type Shape = CataloguedService["linked"]["model"]["shapes"][string];

const streams = (shape: Shape): boolean =>
  "members" in shape &&
  Object.values(shape.members).some(
    (member) => (typeof member === "string" ? member : member.shape) === "$stream",
  );

/** A signature over a hash that the request does not tell needs the whole body at once. */
const isJudgedOnTheWay = ({ headers }: RequestHead): boolean =>
  headers.authorization === undefined || headerOf(headers, "x-amz-content-sha256") !== undefined;

function asksForStream(head: RequestHead, services: readonly CataloguedService[]): boolean {
  try {
    const envelope = openEnvelope({ ...head, body: nothing });
    const { speech, rest } = readAsked(envelope, readCredential(envelope), services);
    return (rest && speech?.linked.operation(rest.name)?.isStreamed) ?? false;
  } catch (error) {
    // What is wrong with it is told when it is handled.
    if (error instanceof ApiError || error instanceof UnreadableCredential) return false;
    throw error;
  }
}
