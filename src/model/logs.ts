/** The nouns of CloudWatch Logs. Events are bulk data and live in the log store, not in the state. */
import { formatArn } from "./arn.ts";
import type { Scope, Tag } from "./scope.ts";

export type LogGroup = Scope & {
  /** Without the `:*` that some answers add. */
  readonly arn: string;
  readonly name: string;
  readonly logGroupClass: string;
  readonly kmsKeyId: string | undefined;
  /** Undefined: events are kept for ever. */
  readonly retentionDays: number | undefined;
  readonly createdAt: number;
  readonly tags: readonly Tag[];
  /** Absent: it may be deleted. */
  readonly deletionProtected?: boolean;
};

export type LogStream = Scope & {
  readonly arn: string;
  readonly group: string;
  readonly name: string;
  readonly createdAt: number;
};

export type MetricTransformation = {
  readonly metricName: string;
  readonly metricNamespace: string;
  /** A number, or where in the message it is: `$.bytes`, `$size`. */
  readonly metricValue: string;
  readonly defaultValue: number | undefined;
  readonly dimensions: Readonly<Record<string, string>> | undefined;
  readonly unit: string | undefined;
};

/** A pattern over the events of a group. */
export type LogFilter = Scope & {
  readonly group: string;
  readonly name: string;
  readonly pattern: string;
  readonly createdAt: number;
};

export type MetricFilter = LogFilter & {
  readonly transformations: readonly MetricTransformation[];
};

export type SubscriptionFilter = LogFilter & {
  readonly destinationArn: string;
  readonly roleArn: string | undefined;
  readonly distribution: string;
};

/** What other services and accounts may do with the log groups of an account's region. */
export type LogResourcePolicy = Scope & {
  readonly name: string;
  readonly document: string;
  readonly updatedAt: number;
};

/** A query that somebody keeps. */
export type QueryDefinition = Scope & {
  readonly id: string;
  readonly name: string;
  readonly query: string;
  readonly groups: readonly string[];
  readonly updatedAt: number;
};

export const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
] as const;

/** Events stamped before this moment have expired; undefined when none ever does. */
export const retentionHorizon = (group: LogGroup, now: number): number | undefined =>
  group.retentionDays === undefined ? undefined : now - group.retentionDays * 86_400_000;

/** Where an event lies, as `@ptr` of a query says it. */
export type LogPointer = { readonly streamKey: string; readonly position: string };

/** Opaque, and safe wherever it is put. */
export const formatLogPointer = ({ streamKey, position }: LogPointer): string =>
  Buffer.from(`${position}${streamKey}`).toString("base64url");

/** Undefined for what is no pointer. */
export function parseLogPointer(text: string): LogPointer | undefined {
  const plain = Buffer.from(text, "base64url").toString();
  const [, position, streamKey] = /^(\d{56})(.+)$/s.exec(plain) ?? [];
  return position && streamKey ? { position, streamKey } : undefined;
}

/**
 * What IAM is asked about: a stream or, without its name, the group. Policies mean it by `…:*` as well as by
 * `…:log-stream:*`.
 */
export const logStreamArn = (scope: Scope, group: string, stream = ""): string =>
  formatArn("logs", scope, `log-group:${group}:log-stream:${stream}`);
