/** `up` where the rights do not suffice: a sentence, exit code 1, and nothing left. */
import { existsSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { exec, runOk } from "./support/live-engine.ts";

const cli = path.join(import.meta.dirname, "../../bin/neargate");
const [first, ...capable] = ["setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin"];
// What other engines of this host note as long as they keep it forwarding.
const note = `/run/neargate.ip_forward.${/\d+/.exec(readlinkSync("/proc/self/ns/net"))?.[0]}`;
const table = ["table", "ip", "neargate_another"];
const madeNote = !existsSync(note);
const emptyTools = 'mount -t tmpfs none /usr/sbin && exec "$0" "$@"';

beforeAll(async () => {
  await runOk("nft", ["add", ...table]);
  if (madeNote) writeFileSync(note, "docker\n");
});
afterAll(async () => {
  await runOk("nft", ["delete", ...table]);
  if (madeNote) rmSync(note, { force: true });
});

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
  "up %s: one sentence that offers --runtime simulated, nothing is left, nothing of another engine gone",
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
    expect(existsSync(note)).toBe(true);
    rmSync(home, { recursive: true });
  },
);
