/**
 * Whether a caller may do what they ask: each operation's own action on each of its resources, and what
 * operations ask besides (`context.authorize`). The account's root may do everything in it.
 */
import type { ConditionValues } from "../engine/policy/condition-keys.ts";
import { type AccessQuestion, judge, type Verdict } from "../state/authorization.ts";
import type { Store } from "../state/store.ts";
import { findTaggedResource, resourceTagKeys } from "../state/tagged-resources.ts";
import { ApiError } from "./api-error.ts";
import type { Authenticated } from "./callers.ts";
import type { Structure } from "./protocols/protocol.ts";
import { type ApiRequest, headerOf } from "./request.ts";
import { readRequestTags } from "./request-tags.ts";
import type { AnyOperation, Caller, RequestContext, ServiceModule } from "./service.ts";
import { type ErrorStyle, toSignatureError } from "./sigv4/refusals.ts";

/** What a request tells of itself to every condition. */
export type RequestFacts = {
  readonly request: ApiRequest;
  /** Of the operation. */
  readonly action: string;
  readonly region: string;
  readonly now: number;
  readonly wall: number;
  readonly style: ErrorStyle;
  /** Makes a text unreadable to all but those who may decode it. */
  readonly encode: (text: string) => string;
};

/** The `authorize` of a request's context. */
export function createAuthorize(
  { access, caller }: Authenticated,
  facts: RequestFacts,
): RequestContext["authorize"] {
  const isRoot = access.principal.type === "root";
  return (asked: AccessQuestion) => {
    const question = placed(asked, facts);
    // Only a resource of another account, one that must let callers in, or an endpoint can refuse the root.
    const isOpen = question.resourcePolicy === undefined && !question.origin?.endpoint;
    if (isRoot && isOpen) return;
    const verdict = judge(access, question, () => ({
      ...requestKeys(facts),
      ...sessionKeys(caller, facts),
    }));
    if (verdict.type === "allowed") return;
    throw accessDenied(
      facts.style,
      `${verdict.message}${encodedMessage(verdict, question, facts)}`,
    );
  };
}

/** What is asked of another service does not come to it by the caller's endpoint. */
function placed(question: AccessQuestion, { request, action }: RequestFacts): AccessQuestion {
  const { origin } = request;
  if (!origin) return question;
  return serviceOf(question.action) === serviceOf(action) ? { ...question, origin } : question;
}

const serviceOf = (action: string): string => action.slice(0, action.indexOf(":"));

/** EC2 tells the details of a denial to whoever may decode them; not of what only describes. */
function encodedMessage(
  { details }: Extract<Verdict, { type: "denied" }>,
  { action }: AccessQuestion,
  { style, encode }: RequestFacts,
): string {
  const isTold = style === "ec2" && !/^ec2:(?:Describe|Get|Search)/.test(action);
  return isTold ? `. Encoded authorization failure message: ${encode(details())}` : "";
}

type Called = {
  readonly operation: AnyOperation;
  readonly name: string;
  readonly module: Pick<ServiceModule, "tagOnCreate">;
};

/** Throws unless the caller may call an operation with `input`. */
export function authorizeOperation(
  called: Called,
  input: Structure,
  context: RequestContext,
  store: Store,
  style: ErrorStyle,
): void {
  const { operation } = called;
  if (isBarred(operation.action, context)) throw toSignatureError({ type: "invalid-token" }, style);
  const isLimited = context.origin?.endpoint !== undefined;
  if (context.caller.principal.type === "root" && !isLimited) return;
  const { authorization } = operation;
  if (authorization === undefined) authorizeOwnAction(operation, input, context, store);
  else if (isLimited && authorization !== "own") {
    authorizeOwnAction(operation, input, context, store, true);
  }
  if (called.module.tagOnCreate) authorizeTags(called, input, context, store);
}

function authorizeOwnAction(
  operation: AnyOperation,
  input: Structure,
  context: RequestContext,
  store: Store,
  needsNoPermission = false,
): void {
  // Decoding by the operation's own shapes is what makes the input of its type.
  const typed = input as never;
  const { action } = operation;
  const named = operation.resources(typed, context);
  store.read((tx) => {
    // On nothing in particular is not on nothing at all.
    for (const name of named.length > 0 ? named : ["*"]) {
      const resource = name.slice(0, longestArn);
      const found = findTaggedResource(tx, context.scope, resource);
      const conditions = (): ConditionValues => ({
        ...readRequestTags(input),
        ...resourceTagKeys(action, found?.tags ?? []),
        ...found?.keys,
        ...operation.conditions?.(typed, { ...context, tx }),
      });
      const asked = { action, resource: found?.arn ?? resource, conditions };
      context.authorize(needsNoPermission ? { ...asked, needsNoPermission } : asked);
    }
  });
}

/** Giving tags to what is made is a second action, asked after the first. */
function authorizeTags(
  { operation, name, module: { tagOnCreate } }: Called,
  input: Structure,
  context: RequestContext,
  store: Store,
): void {
  const tagging = tagOnCreate?.[name];
  const tags = tagging && readRequestTags(input);
  if (!tagging || tags?.["aws:TagKeys"] === undefined) return;
  const typed = input as never;
  const service = tagging.action.split(":")[0] ?? "";
  const conditions = { ...tags, [`${service}:CreateAction`]: name };
  const of = tagging.resources ?? operation.resources;
  const resources = store.read((tx) => of(typed, { ...context, tx }));
  for (const resource of resources) {
    context.authorize({
      action: tagging.action,
      resource: resource.slice(0, longestArn),
      conditions,
    });
  }
}

/**
 * The context of an operation that asks by itself: what it asks for its own action knows what the
 * request says of itself, as it would if the gateway asked.
 */
export function withOwnConditions(
  operation: AnyOperation,
  input: Structure,
  context: RequestContext,
  store: Store,
): RequestContext {
  const isRoot = context.caller.principal.type === "root";
  const isFree = isRoot && !context.origin?.endpoint;
  if (operation.authorization !== "own" || isFree) return context;
  const typed = input as never;
  const own = store.read((tx) => operation.conditions?.(typed, { ...context, tx }));
  const told = { ...readRequestTags(input), ...own };
  return {
    ...context,
    authorize(question) {
      const conditions = { ...told, ...question.conditions };
      context.authorize(
        question.action === operation.action ? { ...question, conditions } : question,
      );
    },
  };
}

// No resource has a longer one, and matching it against patterns would take long.
const longestArn = 2048;

/**
 * Credentials of GetSessionToken that were made without a second factor do not open IAM, nor do those of
 * GetFederationToken, and none of them more of STS than AWS names.
 */
function isBarred(action: string, { caller: { session } }: RequestContext): boolean {
  if (session === undefined || session.holder.type === "role") return false;
  if (action.startsWith("iam:")) return session.secondFactorAt === undefined;
  const isFederated = session.holder.type === "federated";
  const open = ["sts:GetCallerIdentity", ...(isFederated ? [] : ["sts:AssumeRole"])];
  return action.startsWith("sts:") && !open.includes(action);
}

function requestKeys({ request, region, now }: RequestFacts): ConditionValues {
  return {
    "aws:SourceIp": request.remoteAddress?.replace(/^::ffff:/, ""),
    "aws:RequestedRegion": region,
    "aws:CurrentTime": new Date(now).toISOString(),
    "aws:EpochTime": Math.floor(now / 1000),
    // The endpoint on this machine stands for AWS's, which is only reached over TLS.
    "aws:SecureTransport": true,
    "aws:UserAgent": headerOf(request.headers, "user-agent"),
    "aws:Referer": headerOf(request.headers, "referer"),
  };
}

/** What temporary credentials say of themselves. A role's do not tell of a second factor, on AWS either. */
function sessionKeys({ session }: Caller, { wall }: RequestFacts): ConditionValues {
  if (!session) return {};
  const { issuedAt, secondFactorAt: given } = session;
  return {
    "aws:TokenIssueTime": issuedAt === undefined ? undefined : new Date(issuedAt).toISOString(),
    "aws:MultiFactorAuthPresent": given !== undefined,
    "aws:MultiFactorAuthAge": given === undefined ? undefined : Math.floor((wall - given) / 1000),
  };
}

/** A denial in the service's code. */
function accessDenied(style: ErrorStyle, message: string): ApiError {
  switch (style) {
    case "json":
      return new ApiError("AccessDeniedException", message, { status: 400 });
    case "rest-json":
      return new ApiError("AccessDeniedException", message, { status: 403 });
    case "query":
    case "s3":
      return new ApiError("AccessDenied", message, { status: 403 });
    case "ec2":
      return new ApiError(
        "UnauthorizedOperation",
        `You are not authorized to perform this operation. ${message}`,
        { status: 403 },
      );
  }
}
