/** A recorded session of a client, such as Terraform's AWS provider: its form, and how a request of it is read apart from our codecs. */
import { readFileSync } from "node:fs";

export type RecordedExchange = {
  readonly operation: string;
  /** Seconds since the one before. */
  readonly gap?: number;
  /** Region and service of the signature: `ap-northeast-1/ecs`. */
  readonly scope: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
  /** Which of the generated tokens of the answer, by their order there, later requests say as what. */
  readonly gives: readonly (readonly [at: number, placeholder: string])[];
};

export const sessionFile = (stack: string): URL =>
  new URL(`../fixtures/client-sessions/${stack}.json`, import.meta.url);

export const readSession = (stack: string): RecordedExchange[] =>
  JSON.parse(readFileSync(sessionFile(stack), "utf8"));

const generated = [
  // Ids of EC2, then UUIDs, ids of IAM, of balancers, tasks and KMS's multi-region keys, Secrets Manager's ends.
  /[a-z]{2,12}-[0-9a-f]{17}/,
  /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/,
  /A[A-Z]{3}[A-Z0-9]{16,17}/,
  /(?<=\/)[0-9a-f]{16,32}/,
  /(?<=:secret:[\w/-]+-)[A-Za-z0-9]{6}(?=["<])/,
  /(?<="CiphertextBlob":")[^"]+/,
  /(?<="GrantId":")[0-9a-f]{64}/,
  // Signing certificates have ids in Base 32 without a prefix.
  /(?<=<CertificateId>)[A-Z2-7]{24,128}/,
  // Tokens of pages.
  /(?<=<Marker>)[^<]+/,
  /(?<="[nN]extToken":")[^"]+/,
];
const anyGenerated = new RegExp(
  `(?<![A-Za-z0-9])(?:${generated.map((one) => one.source).join("|")})(?![A-Za-z0-9])`,
  "g",
);

/** Tokens that whoever answered has made up, in order. The request's own id is none of them. */
export function tokensIn(answer: string): string[] {
  const apart = answer.replace(/<(RequestI[dD]|requestId)>[^<]*</g, "<");
  return [...apart.matchAll(anyGenerated)].map(([token]) => token);
}

export type Member = readonly [name: string, value: string];

/**
 * The operation of a request and its leaves as texts, by reading JSON or a form in the plainest way.
 * Names are those of the wire, without the numbers of elements.
 */
export function describeMembers(
  request: Pick<RecordedExchange, "body"> & {
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  },
): { operation: string; members: Member[] } {
  const target = request.headers["x-amz-target"];
  if (typeof target === "string") {
    const operation = target.slice(target.lastIndexOf(".") + 1);
    return { operation, members: leavesOf(JSON.parse(request.body || "{}"), "") };
  }
  const form = [...new URLSearchParams(request.body)];
  const operation = form.find(([name]) => name === "Action")?.[1] ?? "";
  const members = form
    .filter(([name]) => name !== "Action" && name !== "Version")
    .map(([name, value]): Member => [name.replaceAll(/\.\d+(?=\.|$)/g, ""), value]);
  return { operation, members };
}

/** The leaves of a value, as texts; timestamps and bytes are not among what the sessions hold. */
export function leavesOf(value: unknown, name: string): Member[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== "object") return [[name, String(value)]];
  if (Array.isArray(value)) return value.flatMap((one) => leavesOf(one, name));
  return Object.entries(value).flatMap(([key, one]) =>
    leavesOf(one, name === "" ? key : `${name}.${key}`),
  );
}
