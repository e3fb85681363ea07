/**
 * The servers that a running HAProxy has against those it should have, as commands that take it from
 * one to the other without a reload. Pure.
 *
 * Elastic Load Balancing's health is not HAProxy's: a new target gets no request until it passed once
 * and is unhealthy only after all its failures, so it starts in drain with full health; draining is
 * `maint`, since drain would go on serving sticky clients.
 */

import type { ServerPlan } from "./groups.ts";
import { isGroupBackend } from "./names.ts";

/** A line of `show servers state`. */
export type ServerState = {
  readonly backend: string;
  readonly name: string;
  readonly admin: "ready" | "drain" | "maint";
};

const forcedMaintenance = 0x01;
const anyMaintenance = forcedMaintenance | 0x02 | 0x04 | 0x20;
const anyDrain = 0x08 | 0x10;

/** The target groups' servers in `show servers state`, in its version 1, which all of HAProxy 2 has. */
export function parseServerStates(dump: string): ServerState[] {
  return dump.split("\n").flatMap((line) => {
    const fields = line.split(" ");
    const [, backend, , name, , , admin] = fields;
    if (!backend || !isGroupBackend(backend) || !name) return [];
    return { backend, name, admin: adminState(Number(admin)) };
  });
}

function adminState(flags: number): ServerState["admin"] {
  if (flags & anyMaintenance) return "maint";
  return flags & anyDrain ? "drain" : "ready";
}

export const serverKey = (server: { readonly backend: string; readonly name: string }): string =>
  `${server.backend}/${server.name}`;

/** Commands for the admin socket, in order. Empty when nothing differs. */
export function planServerCommands(
  wanted: readonly ServerPlan[],
  actual: readonly ServerState[],
): string[] {
  const present = new Map(actual.map((state) => [serverKey(state), state]));
  const named = new Set(wanted.map(serverKey));
  return [
    ...actual.filter((state) => !named.has(serverKey(state))).flatMap(removeCommands),
    ...wanted.flatMap((server) => {
      const state = present.get(serverKey(server));
      return state ? changeCommands(server, state) : addCommands(server);
    }),
  ];
}

/** Ends what is still under way: the deregistration delay is over. */
function removeCommands(state: ServerState): string[] {
  const key = serverKey(state);
  return [`set server ${key} state maint`, `shutdown sessions server ${key}`, `del server ${key}`];
}

function addCommands(server: ServerPlan): string[] {
  const key = serverKey(server);
  // A process that never knew the target has nothing of it to end.
  if (server.duty === "draining") return [];
  const add = `add server ${key} ${server.text}`;
  if (!server.checked) return [add, `enable server ${key}`];
  // Leaving maintenance resets the health to the edge of failing, so it is filled afterwards.
  const start = [add, `enable health ${key}`, `set server ${key} state drain`];
  const health = server.failing ? "down" : "up";
  const ready = server.duty === "serving" ? [`set server ${key} state ready`] : [];
  return [...start, `set server ${key} health ${health}`, ...ready];
}

function changeCommands(server: ServerPlan, state: ServerState): string[] {
  const wanted = wantedState(server);
  if (wanted === state.admin) return [];
  return [`set server ${serverKey(server)} state ${wanted}`];
}

function wantedState({ duty }: ServerPlan): ServerState["admin"] {
  switch (duty) {
    case "waiting":
      return "drain";
    case "serving":
      return "ready";
    case "draining":
      return "maint";
  }
}

/** What HAProxy says when a command did what it should. */
const fine = /^(New server registered\.|Server deleted\.|)$/;

/** What the answers complain of, line by line. */
export const complaintsIn = (answer: string): string[] =>
  answer
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => !fine.test(line));

/** Commands in lines that HAProxy takes at once; it reads no more than its buffer holds. */
export function batchesOf(commands: readonly string[]): string[][] {
  const longest = 8000;
  const batches: string[][] = [];
  let room = 0;
  for (const command of commands) {
    if (command.length + 2 > room) {
      batches.push([]);
      room = longest;
    }
    batches.at(-1)?.push(command);
    room -= command.length + 2;
  }
  return batches;
}
