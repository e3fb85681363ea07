/**
 * How an AWS service is declared: one plain object, its operations typed by the AWS SDK.
 *
 * The gateway decodes a request, finds the operation here, checks that every input member that is
 * present is acted on, authorises the caller, opens a transaction and encodes what `run` returns.
 */

import type { VpcOrigin } from "../engine/network-path/origin.ts";
import type { ConditionValues } from "../engine/policy/condition-keys.ts";
import type { Principal } from "../engine/policy/principal.ts";
import type { Scope } from "../model/scope.ts";
import type { Ids } from "../seams/ids.ts";
import type { Logger } from "../seams/logger.ts";
import type { AccessQuestion } from "../state/authorization.ts";
import type { SessionContent } from "../state/sessions.ts";
import type { ReadTransaction, WriteTransaction } from "../state/store.ts";
import type { ApiError } from "./api-error.ts";
import type { UndecodedInput } from "./bulk.ts";
import type { Broken } from "./constraints.ts";

export type Caller = {
  readonly account: string;
  /** `arn:aws:iam::<account>:root`, a user or an assumed-role session. */
  readonly arn: string;
  readonly userId: string;
  readonly accessKeyId: string;
  /** Who it is to policies. */
  readonly principal: Principal;
  /** What the session they call with was made for; undefined for a key that lasts. */
  readonly session: SessionContent | undefined;
};

/** How clients on this machine reach the engine. */
export type EndpointAddress = { readonly host: string; readonly port: number };

export type RequestContext = {
  readonly scope: Scope;
  readonly caller: Caller;
  readonly requestId: string;
  /** Engine time of the request, milliseconds since the epoch: stamp records with this. */
  readonly now: number;
  /** Wall time, for what the world outside compares: when credentials end. */
  readonly wall: number;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly endpoint: EndpointAddress;
  /** Where in a VPC the request comes from. */
  readonly origin?: VpcOrigin | undefined;
  /**
   * Throws the denial, in the service's code and AWS's words, unless the caller may do it: for what is
   * asked besides the operation's own action, such as `iam:PassRole` on a role that is handed over.
   */
  readonly authorize: (question: AccessQuestion) => void;
};

export type ReadContext = RequestContext & { readonly tx: ReadTransaction };
export type WriteContext = RequestContext & { readonly tx: WriteTransaction };

/**
 * The input members that an operation acts on: `true` takes a member whole (all that is below it),
 * an object names what is acted on below it (of a list: in each element). A member that is present
 * with a value other than an empty or default one and is not named here is refused by name.
 */
export type Accepts<Input> = {
  readonly [Member in keyof Input]?: true | AcceptsBelow<ElementOf<NonNullable<Input[Member]>>>;
};

type ElementOf<Value> = Value extends readonly (infer Element)[] ? Element : Value;
// What may also be a plain value is a document, which has no members to name and no end.
type AcceptsBelow<Value> = [Value] extends [object] ? AcceptsMembers<Value> : never;
type AcceptsMembers<Value> = Value extends Date | Uint8Array ? never : Accepts<Value>;

/** `Accepts` of an input whose type is not known. */
export type AnyAccepts = { readonly [member: string]: true | AnyAccepts | undefined };

type OperationBase<Input> = {
  /** The IAM action, such as `ecs:CreateCluster`. */
  readonly action: string;
  /** The ARNs it is authorised on; `["*"]` where the action has no resource level. */
  readonly resources: (input: Input, context: RequestContext) => readonly string[];
  /** Condition keys of its own, besides those of every request and the tags that its input has. */
  readonly conditions?: (input: Input, context: ReadContext) => ConditionValues;
  /**
   * `none`: it needs no permission, on AWS either. `own`: it asks `context.authorize` by itself, since
   * it depends on more than the caller's policies; its `conditions` are known to what it asks. `anonymous`: it comes unsigned, as who asks is what
   * it finds out.
   */
  readonly authorization?: "none" | "own" | "anonymous";
  readonly accepts: Accepts<Input>;
  /**
   * Throws AWS's error for a bad value of a member that `accepts` leaves out, which goes before its refusal
   * as not built. The input's required members may be missing.
   */
  readonly checkUnbuilt?: (input: Input) => void;
  /** Members (dotted paths) that are kept and given back but do nothing yet, for the coverage table. */
  readonly stored?: readonly string[];
};

/** Answers from the state as it is. */
export type ReadOperation<Input, Output> = OperationBase<Input> & {
  readonly mode: "read";
  readonly run: (context: ReadContext, input: Input) => Output;
};

/** One transaction: validate first, then write desired state, then answer. Synchronous. */
export type WriteOperation<Input, Output> = OperationBase<Input> & {
  readonly mode: "write";
  readonly run: (context: WriteContext, input: Input) => Output;
};

/**
 * Needs live data (log events, layer bytes) from a port that its service was made with. It opens its
 * own transactions, by `context.read` and `context.write`, never across an await.
 */
export type LiveOperation<Input, Output> = OperationBase<Input> & {
  readonly mode: "live";
  /**
   * A list that may be long: the operation may find it empty and the request in `context.undecoded`,
   * to hand on as it came.
   */
  readonly bulk?: keyof Input & string;
  readonly run: (context: LiveContext, input: Input) => Promise<Output>;
};

export type LiveContext = RequestContext & {
  readonly read: <R>(work: (tx: ReadTransaction) => R) => R;
  readonly write: <R>(work: (tx: WriteTransaction) => R) => R;
  readonly undecoded?: UndecodedInput | undefined;
};

type Untyped<Declared> = Omit<Declared, "accepts" | "bulk"> & {
  readonly accepts: AnyAccepts;
  readonly bulk?: string;
};

// The gateway calls operations of every type through this; decoding is what makes it sound.
export type AnyOperation =
  | Untyped<ReadOperation<never, unknown>>
  | Untyped<WriteOperation<never, unknown>>
  | Untyped<LiveOperation<never, unknown>>;

/** What giving tags to what an operation makes needs besides, by the operation. */
export type TagOnCreate = { readonly [operation: string]: TaggingPermission | undefined };

export type TaggingPermission = {
  /** Such as `ecs:TagResource`. */
  readonly action: string;
  /** Those of the operation itself when not given; none: no permission is needed. */
  readonly resources?: (input: never, context: ReadContext) => readonly string[];
};

export type ServiceModule = {
  /** The key of its wire model: `src/gateway/models/<name>.json`. */
  readonly name: string;
  readonly operations: { readonly [operation: string]: AnyOperation };
  readonly tagOnCreate?: TagOnCreate;
  /**
   * The error for a required member that is missing, where the service has words of its own for it;
   * undefined leaves the check to the operation, and `byDefault` is the protocol's. `member` is a path such as
   * `containerDefinitions.1.name`, in which elements of lists count from 1.
   */
  readonly missingMember?: (
    member: string,
    operation: string,
    byDefault: () => ApiError,
  ) => ApiError | undefined;
  /**
   * The error for values that break constraints of AWS's model, at least one, where the service has words
   * of its own for them; undefined leaves them to the operation. `byDefault` makes the error in the
   * framework's words, of those it is given or all.
   */
  readonly brokenConstraint?: (
    broken: readonly Broken[],
    byDefault: (some?: readonly Broken[]) => ApiError,
  ) => ApiError | undefined;
  /** The code of errors in the words of AWS's framework, where it is not the protocol's. */
  readonly validationCode?: string;
};

/** A service, or how to get it when the first request for it comes. */
export type ServiceSource =
  | ServiceModule
  | { readonly name: string; readonly load: () => Promise<ServiceModule> };

/** Declares an operation that only reads. Types come from the SDK: `read<DescribeXRequest, DescribeXResult>`. */
export function read<Input, Output>(
  operation: Omit<ReadOperation<Input, Output>, "mode">,
): ReadOperation<Input, Output> {
  return { mode: "read", ...operation };
}

/** Declares an operation that writes desired state in one transaction. */
export function write<Input, Output>(
  operation: Omit<WriteOperation<Input, Output>, "mode">,
): WriteOperation<Input, Output> {
  return { mode: "write", ...operation };
}

/** Declares an operation that needs more than the state. */
export function live<Input, Output>(
  operation: Omit<LiveOperation<Input, Output>, "mode">,
): LiveOperation<Input, Output> {
  return { mode: "live", ...operation };
}
