/**
 * Whether a caller may do what they ask: each operation's own action on each of its resources, and what
 * operations ask besides (`context.authorize`). The account's root may do everything in it.
 */
import type { ConditionValues } from "../engine/policy/condition-keys.ts";
import { type AccessQuestion, judge } from "../state/authorization.ts";
import { ApiError } from "./api-error.ts";
import type { Authenticated } from "./callers.ts";
import type { Structure } from "./protocols/protocol.ts";
import { type ApiRequest, headerOf } from "./request.ts";
import { readRequestTags } from "./request-tags.ts";
import type { AnyOperation, ReadContext, RequestContext, ServiceModule } from "./service.ts";
import { type ErrorStyle, toSignatureError } from "./sigv4/refusals.ts";

/** What a request tells of itself to every condition. */
export type RequestFacts = {
  readonly request: ApiRequest;
  readonly region: string;
  readonly now: number;
  readonly style: ErrorStyle;
};

/** The `authorize` of a request's context. */
export function createAuthorize(
  { access }: Authenticated,
  facts: RequestFacts,
): RequestContext["authorize"] {
  const isRoot = access.principal.type === "root";
  return (question: AccessQuestion) => {
    // Only a resource of another account, or one that must let callers in, can refuse the root.
    if (isRoot && question.resourcePolicy === undefined) return;
    const conditions = { ...requestKeys(facts), ...question.conditions };
    const verdict = judge(access, { ...question, conditions });
    if (verdict.type === "denied") throw accessDenied(facts.style, verdict.message);
  };
}

/** Throws unless the caller may call `operation` with `input`. */
export function authorizeOperation(
  module: ServiceModule,
  operation: AnyOperation,
  input: Structure,
  context: RequestContext,
  read: <R>(work: (context: ReadContext) => R) => R,
  style: ErrorStyle,
): void {
  const { caller } = context;
  if (isBarred(operation.action, context)) throw toSignatureError({ type: "invalid-token" }, style);
  if (caller.principal.type === "root" || operation.authorization !== undefined) return;
  // Decoding by the operation's own shapes is what makes the input of its type.
  const typed = input as never;
  const { action } = operation;
  read((readContext) => {
    const own = operation.conditions?.(typed, readContext);
    const requested = readRequestTags(input);
    for (const resource of operation.resources(typed, context)) {
      const held = module.tagsOf?.(resource, readContext) ?? [];
      const prefixes = ["aws", action.split(":")[0] ?? ""];
      const resourceTags = prefixes.flatMap((prefix) =>
        held.map(({ key, value }) => [`${prefix}:ResourceTag/${key}`, value] as const),
      );
      const conditions = { ...requested, ...Object.fromEntries(resourceTags), ...own };
      context.authorize({ action, resource, conditions });
    }
  });
}

/**
 * Credentials of GetSessionToken, made without a second factor as all are here, do not open IAM, and
 * of STS only what AWS names.
 */
function isBarred(action: string, { caller: { session } }: RequestContext): boolean {
  if (session === undefined || session.holder.type === "role") return false;
  if (action.startsWith("iam:")) return true;
  const open = ["sts:AssumeRole", "sts:GetCallerIdentity"];
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

/** A denial in the service's code. */
function accessDenied(style: ErrorStyle, message: string): ApiError {
  switch (style) {
    case "json":
      return new ApiError("AccessDeniedException", message, { status: 400 });
    case "query":
      return new ApiError("AccessDenied", message, { status: 403 });
    case "ec2":
      return new ApiError(
        "UnauthorizedOperation",
        `You are not authorized to perform this operation. ${message}`,
        { status: 403 },
      );
  }
}
