/**
 * Commands in containers, on terminals of their own.
 *
 * A command outlives the connection to it and the API cannot kill one, so it is killed by its process
 * id where the daemon is on this machine. Where it is not, the container's own shell looks for the
 * processes that have the command's mark in their environment.
 */
import { readFile } from "node:fs/promises";
import type { Duplex } from "node:stream";
import type { Clock } from "../../../seams/clock.ts";
import type { Exec } from "../../../seams/exec.ts";
import type { Ids } from "../../../seams/ids.ts";
import { DriverError } from "../../errors.ts";
import type { ExecSpec, RunningExec, TerminalExtent } from "../port.ts";
import type { DockerCalls, ExecBody, ExecInspection } from "./calls.ts";

export type DockerExecNeeds = {
  readonly calls: DockerCalls;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly ids: Ids;
};

/** In the environment of every process that a command starts. */
const markName = "NEARGATE_EXEC";
/** Nobody types it: the daemon's own sequence, Ctrl-P Ctrl-Q, would swallow what people do type. */
const detachKeys = "ctrl-@,ctrl-_,ctrl-@,ctrl-_";
const pollMs = 20;
const mostResizeTries = 100;
const killedExitCode = 137;

/** The daemon's id of the command, and its mark. */
type Handle = { readonly id: string; readonly mark: string };

const printHandle = ({ id, mark }: Handle): string => `${id}.${mark}`;

function parseHandle(execId: string): Handle {
  const [id = "", mark = ""] = execId.split(".");
  return { id, mark };
}

export async function prepareExec(
  { calls, ids }: DockerExecNeeds,
  spec: ExecSpec,
): Promise<string> {
  const mark = ids.hex(16);
  return printHandle({ id: await calls.createExec(spec.containerId, execBody(spec, mark)), mark });
}

const execBody = ({ command, environment }: ExecSpec, mark: string): ExecBody => ({
  AttachStdin: true,
  AttachStdout: true,
  AttachStderr: true,
  Tty: true,
  Cmd: command,
  Env: [...environment, { name: markName, value: mark }].map(
    ({ name, value }) => `${name}=${value}`,
  ),
  User: "0",
  DetachKeys: detachKeys,
});

export async function startExec(
  needs: DockerExecNeeds,
  handle: string,
  extent: TerminalExtent | undefined,
): Promise<RunningExec> {
  const { calls } = needs;
  const { id: execId } = parseHandle(handle);
  const size = extent && ([extent.rows, extent.columns] as const);
  const socket = await calls.startExec(execId, size);
  const resize = resizer(needs, execId, socket);
  // What breaks the connection shows when it is read.
  socket.on("error", () => {});
  // Daemons before API 1.42 pass over the size that comes with the start. Nothing is typed before.
  if (extent) await resize(extent);
  let failure: string | undefined;
  return {
    output: readOutput(socket, async (text) => {
      failure = await startFailure(calls, execId, text);
      return failure !== undefined;
    }),
    write: (bytes) => writeTo(socket, bytes),
    resize,
    async exitCode() {
      socket.destroy();
      const ended = await waitForEnd(needs, execId);
      failure ??= ended && (await startFailure(calls, execId, ""));
      if (failure !== undefined) throw new DriverError("fatal", failure);
      return ended?.ExitCode ?? killedExitCode;
    },
  };
}

/** The connection is given over before the command runs, so that its first size may come too early. */
function resizer(
  { calls, clock }: DockerExecNeeds,
  execId: string,
  socket: Duplex,
): (extent: TerminalExtent) => Promise<void> {
  let latest: TerminalExtent | undefined;
  return async (extent) => {
    latest = extent;
    const { rows, columns } = extent;
    for (let tries = 0; tries < mostResizeTries; tries++) {
      if (latest !== extent || socket.destroyed) return;
      if (await calls.resizeExec(execId, rows, columns)) return;
      const found = await calls.inspectExec(execId);
      if (!found || (!found.Running && found.ExitCode !== null)) return;
      await clock.wallSleep(pollMs);
    }
  };
}

/** `isFailure` is asked about a beginning that may be the daemon's word and not the command's. */
async function* readOutput(
  socket: Duplex,
  isFailure: (text: string) => Promise<boolean>,
): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      const text = isFirst ? chunk.toString("utf8") : "";
      isFirst = false;
      if (text.startsWith(failurePrefix) && (await isFailure(text))) return;
      yield chunk;
    }
  } catch {
    // The daemon or the container went away: the exit code tells.
  } finally {
    socket.destroy();
  }
}

const failurePrefix = "OCI runtime exec failed: ";

/** Why the command was never started; undefined when it was. */
async function startFailure(
  calls: DockerCalls,
  execId: string,
  text: string,
): Promise<string | undefined> {
  const found = await calls.inspectExec(execId);
  const isStarted = !found || found.Running || found.Pid > 0 || found.ExitCode === null;
  if (isStarted || (found.ExitCode !== 126 && found.ExitCode !== 127)) return undefined;
  const reason = /unable to start container process: (.*?)(?:: unknown)?\s*$/s.exec(text)?.[1];
  return reason ?? text.replace(failurePrefix, "").trim();
}

function writeTo(socket: Duplex, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    // One that has ended takes nothing more, and that is no error of who types.
    if (socket.destroyed || !socket.writable) resolve();
    else socket.write(bytes, () => resolve());
  });
}

/** Undefined when the daemon does not know it any more: its container is gone. */
async function waitForEnd(
  { calls, clock }: DockerExecNeeds,
  execId: string,
): Promise<ExecInspection | undefined> {
  for (;;) {
    const found = await calls.inspectExec(execId);
    if (!found?.Running) return found;
    await clock.wallSleep(pollMs);
  }
}

export async function endExec(needs: DockerExecNeeds, handle: string): Promise<void> {
  const { calls, exec } = needs;
  const { id, mark } = parseHandle(handle);
  const found = await calls.inspectExec(id);
  if (!found?.Running || found.Pid <= 0) return;
  if (await isHere(found)) {
    // It leads the session of its terminal, and the processes that it did not send away.
    await exec.run("kill", ["-KILL", "--", `-${found.Pid}`]);
    return;
  }
  await endFromInside(calls, found.ContainerID, mark);
}

async function isHere({ Pid, ContainerID }: ExecInspection): Promise<boolean> {
  const groups = await readFile(`/proc/${Pid}/cgroup`, "utf8").catch(() => "");
  return groups.includes(ContainerID);
}

/** Exported for its test: a daemon on another machine is rare in tests. */
export async function endFromInside(
  calls: DockerCalls,
  containerId: string,
  mark: string,
): Promise<void> {
  // Of the shell alone and `kill`, which is built in: an image may have nothing else.
  const script =
    `for p in /proc/[0-9]*; do while IFS= read -r line || [ -n "$line" ]; do case $line in ` +
    `*${markName}=${mark}*) kill -KILL "\${p#/proc/}";; esac; done <"$p/environ"; done 2>/dev/null`;
  const command = ["/bin/sh", "-c", script];
  const body = execBody({ containerId, command, environment: [] }, "");
  const socket = await calls.startExec(await calls.createExec(containerId, body), undefined);
  socket.on("error", () => {});
  socket.resume();
  await new Promise((resolve) => socket.once("close", resolve));
}
