/**
 * Ephemeral storage that cannot be filled beyond its size, where the disk of Docker's data can do it: Btrfs
 * on a file of this machine, which needs `mkfs.btrfs`.
 */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exec, type LiveEngine, runOk, startLiveEngine, until } from "./support/live-engine.ts";
import { openShellTasks, type ShellTasks } from "./support/shell-tasks.ts";

const gibibyte = 1024 ** 3;
const found = await exec.run("sh", ["-c", "PATH=$PATH:/usr/sbin:/sbin command -v mkfs.btrfs"]);
const mkfs = found.stdout.trim();
const missing = mkfs === "" ? "mkfs.btrfs is not in the path" : undefined;
if (missing) process.stderr.write(`\nTHE TEST OF STORAGE SIZES IS SKIPPED: ${missing}\n\n`);

describe.skipIf(missing !== undefined)(`ephemeral storage${missing ? ` (${missing})` : ""}`, () => {
  const home = mkdtempSync(path.join(tmpdir(), "ng-btrfs-"));
  const disk = path.join(home, "disk");
  let engine: LiveEngine;
  let shell: ShellTasks;

  beforeAll(async () => {
    // A file with nothing in it takes no room, however long it is.
    writeFileSync(`${disk}.img`, "");
    truncateSync(`${disk}.img`, 100 * gibibyte);
    await runOk(mkfs, ["-q", `${disk}.img`]);
    await runOk("mkdir", [disk]);
    await runOk("mount", ["-o", "loop", `${disk}.img`, disk]);
    const state = path.join(disk, "state");
    await runOk("mkdir", ["-m", "700", state]);
    engine = await startLiveEngine({ home: state });
    shell = await openShellTasks(engine);
  }, 60_000);
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]();
    await exec.run("umount", ["-l", disk]);
    rmSync(home, { recursive: true, force: true });
  });

  it("a task that asks for 25 GiB: 22 fit, where the usual 20 end before; the next is refused", async () => {
    const image = await shell.pushPrograms("allocating", {
      programs: { "/bin/sh": "/bin/sh", "/bin/fallocate": "/usr/bin/fallocate" },
      entrypoint: ["/bin/sh", "-c"],
    });
    const script =
      "exec 2>&1; fallocate -l 15G /a && echo fifteen; fallocate -l 7G /b && echo twenty-two; " +
      "fallocate -l 7G /c && echo twenty-nine; echo tried";
    const container = shell.container("app", script, { image });
    await shell.register("usual", [container]);
    await shell.register("asking", [container], { ephemeralStorage: { sizeInGiB: 25 } });
    const said = async (family: string): Promise<string[]> => {
      const arn = await shell.run(family);
      await shell.untilTask(arn, "STOPPED", ({ lastStatus }) => lastStatus === "STOPPED");
      return until("it said all", 20_000, async () => {
        const lines = await shell.lines(arn, "app").catch((): string[] => []);
        return lines.includes("tried") && lines;
      });
    };
    const refused = expect.stringMatching(/^fallocate: .*(Disk quota exceeded|No space left)/);
    expect(await said("usual")).toEqual(["fifteen", refused, refused, "tried"]);
    expect(await said("asking")).toEqual(["fifteen", "twenty-two", refused, "tried"]);
  }, 120_000);
});
