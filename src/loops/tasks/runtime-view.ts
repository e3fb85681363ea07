/**
 * What the container runtime has, as far as this engine knows: read once at the start and kept up by
 * the runtime's events and by what the engine itself makes. Asking the runtime again is for the case
 * that events may have been missed.
 */
import type {
  ContainerRuntime,
  ContainerState,
  ExitStatus,
  RuntimeEvent,
  RuntimeInventory,
} from "../../dataplane/containers/port.ts";

export type SeenContainer = { readonly id: string; readonly state: ContainerState };

export type RuntimeView = {
  /** Task ids that the runtime has something of. */
  taskIds(): string[];
  sandboxOf(taskId: string): string | undefined;
  /** Containers of a task by name. */
  containersOf(taskId: string): ReadonlyMap<string, SeenContainer>;
  noteSandbox(taskId: string, sandboxId: string): void;
  noteContainer(taskId: string, name: string, id: string, state: ContainerState): void;
  /** A container that has ended is about to be started again. What it gives undoes the note. */
  noteRestart(taskId: string, name: string): () => void;
  /** The runtime was told to remove what it has of the task. */
  forget(taskId: string): void;
  /** Takes in an event; `resync` is the caller's business. */
  take(event: RuntimeEvent): void;
  /** Reads the runtime's inventory. What was made while it answered is kept. */
  refresh(): Promise<void>;
};

type Entry = {
  sandbox: { readonly id: string; readonly seenIn: number } | undefined;
  readonly containers: Map<string, SeenContainer & { readonly seenIn: number }>;
};

/** What ended since the inventory under way was asked for: its answer may say that they run. */
type EndedMeanwhile = {
  readonly containers: Map<string, ContainerState>;
  readonly sandboxes: Set<string>;
};

export function createRuntimeView(runtime: Pick<ContainerRuntime, "inventory">): RuntimeView {
  const entries = new Map<string, Entry>();
  let reading = 0;
  let lastRead: Promise<void> = Promise.resolve();
  let ended: EndedMeanwhile | undefined;

  const entryOf = (taskId: string): Entry => {
    const known = entries.get(taskId);
    if (known) return known;
    const made: Entry = { sandbox: undefined, containers: new Map() };
    entries.set(taskId, made);
    return made;
  };

  const merge = (inventory: RuntimeInventory, seenIn: number): void => {
    for (const { taskId, id, running } of inventory.sandboxes) {
      if (running && !ended?.sandboxes.has(id)) entryOf(taskId).sandbox = { id, seenIn };
    }
    for (const { taskId, id, name, state } of inventory.containers) {
      const known = entryOf(taskId).containers.get(name);
      // What was noted meanwhile is newer, and an end is final.
      const isNewer = known?.seenIn === seenIn || known?.state.status === "exited";
      const kept = known?.id === id && isNewer ? known.state : ended?.containers.get(id);
      const newest = kept ?? state;
      entryOf(taskId).containers.set(name, { id, state: newest, seenIn });
    }
  };

  const dropUnseen = (seenIn: number): void => {
    for (const [taskId, entry] of entries) {
      if (entry.sandbox && entry.sandbox.seenIn < seenIn) entry.sandbox = undefined;
      for (const [name, container] of entry.containers) {
        if (container.seenIn < seenIn) entry.containers.delete(name);
      }
      if (!entry.sandbox && entry.containers.size === 0) entries.delete(taskId);
    }
  };

  const read = async (): Promise<void> => {
    reading += 1;
    const seenIn = reading;
    ended = { containers: new Map(), sandboxes: new Set() };
    try {
      merge(await runtime.inventory(), seenIn);
      dropUnseen(seenIn);
    } finally {
      ended = undefined;
    }
  };

  return {
    taskIds: () => [...entries.keys()],
    sandboxOf: (taskId) => entries.get(taskId)?.sandbox?.id,
    containersOf: (taskId) => entries.get(taskId)?.containers ?? new Map(),
    noteSandbox(taskId, id) {
      entryOf(taskId).sandbox = { id, seenIn: reading };
    },
    noteContainer(taskId, name, id, state) {
      const { containers } = entryOf(taskId);
      const known = containers.get(name);
      // A container may end before the call that started it has returned.
      if (known?.id === id && known.state.status === "exited") return;
      containers.set(name, { id, state, seenIn: reading });
    },
    noteRestart(taskId, name) {
      const { containers } = entryOf(taskId);
      const known = containers.get(name);
      if (!known) return () => {};
      ended?.containers.delete(known.id);
      containers.set(name, { ...known, state: { status: "created" }, seenIn: reading });
      return () => containers.set(name, known);
    },
    forget: (taskId) => entries.delete(taskId),
    take(event) {
      if (event.type === "resync") return;
      if (event.type === "sandbox-exited") ended?.sandboxes.add(event.sandboxId);
      if (event.type === "container-exited") {
        ended?.containers.set(event.containerId, exitedWith(event));
      }
      const entry = entries.get(event.taskId);
      if (!entry) return;
      if (event.type === "sandbox-exited") {
        if (entry.sandbox?.id === event.sandboxId) entry.sandbox = undefined;
        return;
      }
      for (const [name, container] of entry.containers) {
        if (container.id !== event.containerId) continue;
        const state = stateAfter(container.state, event);
        entry.containers.set(name, { ...container, state });
      }
    },
    refresh() {
      // One after the other: of two at once, the older answer might come last.
      lastRead = ended ? lastRead.catch(() => {}).then(read) : read();
      return lastRead;
    },
  };
}

function stateAfter(
  state: ContainerState,
  event: Extract<RuntimeEvent, { containerId: string }>,
): ContainerState {
  if (event.type === "container-health") {
    return state.status === "running" ? { ...state, health: event.health } : state;
  }
  return exitedWith(event);
}

const exitedWith = ({ exitCode, oomKilled }: ExitStatus): ContainerState => ({
  status: "exited",
  exitCode,
  oomKilled,
});
