/** For tests: operations called straight, over a state in memory and a time that the test sets. */
import { evidenceFolder, noteCall } from "../../../test/builders/member-evidence.ts";
import { ApiError } from "../../gateway/api-error.ts";
import type { RequestContext, WriteOperation } from "../../gateway/service.ts";
import { formatArn } from "../../model/arn.ts";
import type { Scope } from "../../model/scope.ts";
import { sequentialIds } from "../../seams/ids.ts";
import { recordingLogger } from "../../seams/logger.ts";
import { rootAccess } from "../../state/authorization.ts";
import { openStore, type Store, type WriteTransaction } from "../../state/store.ts";
import type { Context } from "./resources.ts";

export type Room = {
  readonly store: Store;
  readonly scope: Scope;
  /** Engine time of the next calls. */
  now: number;
  call<Input, Output>(operation: WriteOperation<Input, Output>, input: Input): Output;
  /** What another part of the engine does to the state. */
  act<R>(work: (context: Context) => R): R;
  /** The room as another region or account of the same state sees it. */
  elsewhere(scope: Partial<Scope>): Room;
};

export function openRoom(
  scope: Scope = { account: "000000000000", region: "ap-northeast-1" },
): Room {
  return roomOver(openStore(undefined), scope, sequentialIds());
}

function roomOver(store: Store, scope: Scope, ids: Context["ids"]): Room {
  const room: Room = {
    store,
    scope,
    now: Date.UTC(2026, 0, 1),
    call: (operation, input) => {
      const request = requestFor();
      if (evidenceFolder !== undefined) {
        noteCall(operation, request, store, input as Record<string, unknown>);
      }
      return store.write((tx) => operation.run({ ...request, tx }, input));
    },
    act: (work) => store.write((tx) => work(contextFor(tx))),
    elsewhere: (other) => roomOver(store, { ...scope, ...other }, ids),
  };
  const requestFor = (): RequestContext => ({
    scope,
    ids,
    now: room.now,
    caller: {
      account: scope.account,
      arn: formatArn("iam", { account: scope.account, region: "" }, "root"),
      userId: scope.account,
      accessKeyId: "test",
      principal: rootAccess(scope.account).principal,
      session: undefined,
    },
    wall: room.now,
    authorize: () => {},
    requestId: ids.uuid(),
    logger: recordingLogger(),
    endpoint: { host: "127.0.0.1", port: 4566 },
  });
  const contextFor = (tx: WriteTransaction): Context => ({ tx, scope, ids, now: room.now });
  return room;
}

/** `<code>: <message>` of the error that `work` is refused with. */
export function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof ApiError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "not refused";
}

/** The value, which the test knows to be there. */
export function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("nothing there");
  return value;
}
