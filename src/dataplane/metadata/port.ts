/**
 * The task endpoint: what tasks get when they ask 169.254.170.2, and where they find AWS's APIs. The
 * server knows who asks, from a header that a task cannot forge, and hands on what they ask; it reads
 * nothing by itself.
 */
import type { Socket } from "node:net";

/** A VPC's id and an address in it: two VPCs may have the same addresses. */
export type TaskCaller = { readonly vpcId: string; readonly address: string };

/** A connection to AWS's APIs. */
export type TaskCall = TaskCaller & {
  /** Where it found them: the task endpoint, a VPC endpoint's address, or a public one of AWS. */
  readonly calledAddress: string;
};

export type TaskRequest = {
  readonly caller: TaskCaller;
  readonly method: string;
  /** Without a query. */
  readonly path: string;
  readonly body: string;
};

/** `body` is sent as JSON. */
export type TaskAnswer = { readonly status: number; readonly body: unknown };

export type TaskHandlers = {
  /** Metadata, credentials and the agent's own API. */
  readonly answer: (request: TaskRequest) => Promise<TaskAnswer>;
  /** A connection to AWS's APIs; the client's bytes are on it, without the TLS it may have used. */
  readonly connect: (socket: Socket, call: TaskCall) => void;
};

export type MetadataServer = {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Until it is called, everybody is told to come again. */
  serve(handlers: TaskHandlers): void;
};
