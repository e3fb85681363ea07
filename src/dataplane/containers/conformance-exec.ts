/** What every container runtime does with commands in a container that runs; part of its conformance suite. */
import { describe, expect, it } from "vitest";
import type { ContainerRuntime, ContainerSpec, TerminalExtent } from "./port.ts";

export type CommandSuite = {
  readonly runtime: () => ContainerRuntime;
  /** A container that runs until it is told to end, with these variables besides its own; its id. */
  readonly running: (variables?: ContainerSpec["environment"]) => Promise<string>;
  /** One that has ended. */
  readonly ended: () => Promise<string>;
  readonly until: <T>(look: () => Promise<T | undefined> | T | undefined) => Promise<T>;
};

export function describeCommands({ runtime, running, ended, until }: CommandSuite): void {
  describe("a command in a container that runs", () => {
    const start = async (containerId: string, command: string[], extent?: TerminalExtent) => {
      const environment = [{ name: "GREETING", value: "hello" }];
      const execId = await runtime().prepareExec({ containerId, command, environment });
      const exec = await runtime().startExec(execId, extent);
      let shown = "";
      const reading = (async () => {
        for await (const bytes of exec.output) shown += Buffer.from(bytes).toString("utf8");
      })();
      const end = async () => {
        await reading;
        return { shown, code: await exec.exitCode() };
      };
      const untilShown = (text: string) => until(() => (shown.includes(text) ? true : undefined));
      return {
        execId,
        exec,
        end,
        untilShown,
        type: (text: string) => exec.write(Buffer.from(text)),
      };
    };

    it("its output as a terminal has it, its environment, and its exit code", async () => {
      const id = await running([{ name: "OWN", value: "of the container" }]);
      const { end } = await start(id, ["/bin/sh", "-c", 'echo "$GREETING" "$OWN"; exit 3']);
      expect(await end()).toEqual({ shown: "hello of the container\r\n", code: 3 });
      await runtime().removeContainer(id);
    });

    it("what is typed: echoed and read; Ctrl-D ends the input", async () => {
      const id = await running();
      const { type, end, untilShown } = await start(id, ["cat"]);
      await type("one\n");
      await untilShown("one\r\none\r\n");
      await type("\x04");
      expect(await end()).toEqual({ shown: "one\r\none\r\n", code: 0 });
      await runtime().removeContainer(id);
    });

    it("its size: the one it is given, and then the next", async () => {
      const id = await running();
      const extent = { rows: 33, columns: 99 };
      const { exec, type, end, untilShown } = await start(id, ["/bin/sh"], extent);
      await type("stty size\n");
      await untilShown("33 99\r\n");
      await exec.resize({ rows: 44, columns: 120 });
      await type("stty size\n");
      await untilShown("44 120\r\n");
      await type("exit 5\n");
      expect(await end()).toMatchObject({ code: 5 });
      await runtime().removeContainer(id);
    });

    it("a program that the container has not: fatal, with the reason", async () => {
      const id = await running();
      const { end } = await start(id, ["nothing-such"]);
      await expect(end()).rejects.toMatchObject({
        kind: "fatal",
        message: 'exec: "nothing-such": executable file not found in $PATH',
      });
      await runtime().removeContainer(id);
    });

    it("ended from outside, by its id alone: killed with what it waits for; the container runs on", async () => {
      const id = await running();
      const { execId, end, untilShown } = await start(id, ["/bin/sh", "-c", "echo up; sleep 600"]);
      await untilShown("up");
      await runtime().endExec(execId);
      expect(await end()).toMatchObject({ code: 137 });
      await runtime().endExec(execId);
      expect(await runtime().inspect(id)).toEqual({ status: "running" });
      await runtime().removeContainer(id);
    });

    it("its container is killed: it ends with 137", async () => {
      const id = await running();
      const { end, untilShown } = await start(id, ["/bin/sh", "-c", "echo up; sleep 600"]);
      await untilShown("up");
      await runtime().signal(id, "SIGKILL");
      expect(await end()).toMatchObject({ code: 137 });
      await runtime().removeContainer(id);
    });

    it("in a container that has ended: conflict", async () => {
      const id = await ended();
      const preparing = runtime().prepareExec({
        containerId: id,
        command: ["true"],
        environment: [],
      });
      await expect(preparing).rejects.toMatchObject({ kind: "conflict" });
    });
  });
}
