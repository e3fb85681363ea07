import { describe, expect, it } from "vitest";
import { manualClock } from "../../../seams/clock.ts";
import { simulatedExec } from "./exec.ts";

const container = {
  environment: [{ name: "WHERE", value: "here" }],
  workingDirectory: "/srv",
};

/** Runs it to its end with what is typed given at once. */
async function run(command: readonly string[], typed = "", clock = manualClock()) {
  const spec = { containerId: "c", command, environment: [] };
  const exec = simulatedExec(clock, spec, container, "ip-10-0-0-9.ec2.internal").start(undefined);
  let shown = "";
  const reading = (async () => {
    for await (const bytes of exec.output) shown += Buffer.from(bytes).toString("utf8");
  })();
  await exec.write(Buffer.from(typed));
  const ended = reading.then(() => exec.exitCode()).then((code) => ({ shown, code }));
  return { ended, exec, clock };
}

const script = async (text: string) => (await run(["/bin/sh", "-c", text])).ended;

describe("programs of a simulated container", () => {
  it.each([
    [["echo", "a", "b"], "a b\r\n", 0],
    [["hostname"], "ip-10-0-0-9.ec2.internal\r\n", 0],
    [["pwd"], "/srv\r\n", 0],
    [["/usr/bin/whoami"], "root\r\n", 0],
    [["printenv", "WHERE"], "here\r\n", 0],
    [["printenv", "NOTHING"], "", 1],
    [["false"], "", 1],
    [["cat", "/etc/passwd"], "cat: /etc/passwd: No such file or directory\r\n", 1],
    [["stty", "size"], "0 0\r\n", 0],
    [["stty", "raw"], "stty raw: not simulated\r\n", 2],
    [["sleep", "soon"], "sleep: invalid time interval 'soon'\r\n", 1],
  ])("%j: %j and code %i", async (command, shown, code) => {
    expect(await (await run(command)).ended).toEqual({ shown, code });
  });

  it("sleep: takes its time on the clock", async () => {
    const { ended, clock } = await run(["sleep", "2.5"]);
    let isOver = false;
    const over = ended.then(() => {
      isOver = true;
    });
    await clock.advance(2499);
    expect(isOver).toBe(false);
    await clock.advance(1);
    await over;
    expect(await ended).toEqual({ shown: "", code: 0 });
  });
});

describe("the shell of a simulated container", () => {
  it.each([
    ["echo a; echo b", "a\r\nb\r\n", 0],
    ["true && echo yes || echo no", "yes\r\n", 0],
    ["false && echo yes || echo no", "no\r\n", 0],
    ["false; echo $?", "1\r\n", 0],
    [`echo "$WHERE" '$WHERE' $\{WHERE}x`, "here $WHERE herex\r\n", 0],
    ["exit 300", "", 44],
    ["echo a\nfalse", "a\r\n", 1],
    ["sh -c 'exit 4'", "", 4],
    ["nosuch", "sh: 1: nosuch: not found\r\n", 127],
    ["echo a | cat", "sh: |: not simulated\r\n", 2],
    ["echo a > f", "sh: >: not simulated\r\n", 2],
    ["if true; then echo a; fi", "sh: if: not simulated\r\n", 2],
  ])("%s: %j and code %i", async (text, shown, code) => {
    expect(await script(text)).toEqual({ shown, code });
  });

  it("at a prompt: lines are edited, Ctrl-U and backspace rub out, Ctrl-D ends with the last code", async () => {
    const { ended } = await run(["/bin/sh"], "echo ab\x7fc\nrubbish\x15false\n\x04");
    const { shown, code } = await ended;
    expect(shown.replaceAll("\b \b", "<")).toBe("# echo ab<c\r\nrubbish<<<<<<<false\r\nac\r\n# # ");
    expect(code).toBe(1);
  });
});
