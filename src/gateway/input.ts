/**
 * The input of an operation: read from what a request carries, and its form judged, in AWS's order:
 * members that the operation does not know, members that nothing here acts on, members that are missing,
 * values out of their bounds.
 */
import { ApiError } from "./api-error.ts";
import { peekRest, type UndecodedInput } from "./bulk.ts";
import { type Broken, explainBroken } from "./constraints.ts";
import { explainNulls } from "./protocols/coral.ts";
import { printPath } from "./protocols/member-path.ts";
import type {
  Decoded,
  ErrorCodec,
  Payload,
  Structure,
  WrittenNumber,
} from "./protocols/protocol.ts";
import { findUnacted } from "./routing/accepts.ts";
import type { Route } from "./routing/route.ts";
import { findBroken } from "./wire/constraints.ts";
import { findMissing } from "./wire/required.ts";
import type { StructureShape } from "./wire/shapes.ts";
import { hasFraction, isWhole } from "./wire/whole-numbers.ts";

export type ReadInput = {
  readonly input: Structure;
  readonly undecoded: UndecodedInput | undefined;
};

/** Throws what is wrong with the form of the input; of a list that is left as it came, nothing. */
export function readInput(route: Route, payload: Payload): ReadInput {
  const { codec, operation } = route;
  const bulk = operation.mode === "live" && codec.takesEncoded ? operation.bulk : undefined;
  if (bulk === undefined) return { input: decodeInput(route, payload), undecoded: undefined };
  const { body } = payload;
  const rest = peekRest(body, bulk);
  if (!rest) return { input: decodeInput(route, payload), undecoded: undefined };
  const emptied = Buffer.from(JSON.stringify({ ...rest, [bulk]: [] }));
  const input = decodeInput(route, { ...payload, body: emptied }, bulk);
  return { input, undecoded: { body, rest, decode: () => decodeInput(route, payload) } };
}

function decodeInput(route: Route, payload: Payload, left?: string): Structure {
  const decoded = route.codec.decode(payload, route.linked.operation(route.name));
  checkInput(route, decoded, left);
  return decoded.input;
}

/** `left`: a member of whose value nothing is known yet. */
function checkInput(route: Route, { input, unknown, unwhole }: Decoded, left?: string): void {
  const { module, name, operation, codec, linked } = route;
  if (unknown[0] !== undefined && codec.explainUnknown) throw codec.explainUnknown(unknown[0]);
  checkFractions(route, input);
  if (unwhole?.[0] !== undefined) checkWritten(route, unwhole);
  const unacted = findUnacted(input, operation.accepts);
  if (unknown.length + unacted.length > 0) {
    operation.checkUnbuilt?.(input as never);
    throw explainUnacted(codec, operation.action, [...unknown, ...unacted]);
  }
  const shape = linked.operation(name)?.input;
  if (!shape) return;
  const missing = findMissing(shape, input);
  if (missing[0] !== undefined) {
    const { validationCode: code } = module;
    const byDefault = (): ApiError =>
      code === undefined ? codec.explainMissing(missing) : explainNulls(code, missing);
    const explain = module.missingMember ?? byDefault;
    const error = explain(printPath(missing[0]), name, byDefault);
    if (error) throw error;
  }
  checkConstraints(route, shape, left === undefined ? input : without(input, left));
}

const without = (input: Structure, left: string): Structure =>
  Object.fromEntries(Object.entries(input).filter(([member]) => member !== left));

function checkFractions({ service, name, codec, linked }: Route, input: Structure): void {
  if (!codec.explainFraction) return;
  const shape = linked.operation(name)?.input;
  const constraints = service.constraints();
  if (!shape || !constraints) return;
  if (hasFraction(shape, input, constraints)) throw codec.explainFraction();
}

function checkWritten({ service }: Route, numbers: readonly WrittenNumber[]): void {
  const constraints = service.constraints();
  const wrong = numbers.find(
    ({ structure, member }) => constraints && isWhole(constraints, structure, member),
  );
  if (wrong) throw wrong.explain();
}

function checkConstraints(
  { service, module, codec }: Route,
  shape: StructureShape,
  input: Structure,
): void {
  const constraints = service.constraints();
  const broken = constraints ? findBroken(shape, input, constraints) : [];
  if (broken.length === 0) return;
  const { validationCode: code } = module;
  const byDefault = (some: readonly Broken[] = broken): ApiError =>
    code === undefined ? codec.explainBroken(some) : explainBroken(code, some);
  const error = module.brokenConstraint ? module.brokenConstraint(broken, byDefault) : byDefault();
  if (error) throw error;
}

function explainUnacted(codec: ErrorCodec, action: string, paths: readonly string[]): ApiError {
  const names = [...new Set(paths)];
  const members = names.length === 1 ? "the member" : "the members";
  return new ApiError(
    codec.codeOf("unknown-operation"),
    `Neargate does not act on ${members} ${names.join(", ")} of ${action} yet`,
    { status: 501 },
  );
}
