/** `up` where the rights do not suffice: a sentence, exit code 1, and nothing left. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { exec, runOk } from "./support/live-engine.ts";

const cli = path.join(import.meta.dirname, "../../bin/neargate");
const [first, ...capable] = ["setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin"];
const emptyTools = 'mount -t tmpfs none /usr/sbin && exec "$0" "$@"';

it.each([
  [
    "as a plain user",
    ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
    /needs root: /,
  ],
  ["as root without a capability", [first ?? "", ...capable], /needs CAP_SYS_ADMIN, /],
  ["as root of a user namespace", ["unshare", "-Ur"], /this is root of a user namespace/],
  ["without nft", ["unshare", "--mount", "sh", "-c", emptyTools], /apt-get install .*nftables/],
])(
  "up %s: one sentence that offers --runtime simulated, and nothing is left",
  async (_, as, words) => {
    const home = mkdtempSync(path.join(tmpdir(), "ng-rights-"));
    await runOk("chmod", ["777", home]);
    const [program = "", ...rest] = as;
    const args = [...rest, cli, "up", "--port", "0", "--state-dir", path.join(home, "state")];
    const result = await exec.run(program, args, { timeoutMs: 240_000 });
    // A machine that is busy may have it serve for a moment before.
    expect(result.code).toBe(1);
    const lines = result.stderr.trim().split("\n");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^neargate: The network .*--runtime simulated\.$/);
    expect(lines[0]).toMatch(words);
    const left = await exec.run("pgrep", ["-f", home]);
    expect(left.stdout).toBe("");
    rmSync(home, { recursive: true });
  },
);
