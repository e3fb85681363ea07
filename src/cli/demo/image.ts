/** The demo's image: the Perl service of `examples/hello-fargate/app`, packed from this machine. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { buildMachineImage } from "../../../tools/images/machine-image.ts";
import { processExec } from "../../seams/exec.ts";
import { CommandError } from "../command.ts";

const script = path.join(import.meta.dirname, "../../../examples/hello-fargate/app/server.pl");
const exec = processExec();

/** What `docker` needs in its environment to reach the engine's daemon. */
export type DockerEnvironment = Readonly<Record<string, string>>;

/** Builds the image, loads it into the daemon of `env` and names it `tag`; scratch files go `into`. */
export async function buildAndLoad(
  tag: string,
  env: DockerEnvironment,
  into: string,
): Promise<void> {
  const archive = path.join(into, "image.tar");
  const { tar } = await buildMachineImage({
    exec,
    reference: tag,
    programs: {
      "/usr/bin/perl": await programPath("perl"),
      "/bin/sh": await programPath("sh"),
      "/usr/sbin/ip": await programPath("ip"),
    },
    directories: [await perlBase()],
    files: { "/app/server.pl": readFileSync(script) },
    entrypoint: ["/usr/bin/perl", "/app/server.pl"],
    exposedPorts: ["80/tcp"],
  });
  writeFileSync(archive, tar);
  await docker(["load", "--input", archive], env);
}

export async function pushImage(
  tag: string,
  password: string,
  env: DockerEnvironment,
): Promise<void> {
  const registry = tag.slice(0, tag.indexOf("/"));
  await docker(["login", "--username", "AWS", "--password-stdin", registry], env, password);
  await docker(["push", tag], env);
}

async function programPath(name: string): Promise<string> {
  const found = await exec.run("sh", ["-c", `PATH=$PATH:/usr/sbin:/sbin command -v ${name}`]);
  if (found.code !== 0) throw new CommandError(`the demo's image needs ${name} on this machine`);
  return found.stdout.trim();
}

/** Debian's smallest set of Perl modules, sockets included; present on every Debian machine. */
async function perlBase(): Promise<string> {
  const paths = await exec.run("perl", ["-e", "print join qq(\\n), @INC"]);
  const base = paths.stdout.split("\n").find((entry) => entry.endsWith("/perl-base"));
  if (!base) throw new CommandError("the demo's image needs Debian's perl-base on this machine");
  return base;
}

async function docker(
  args: readonly string[],
  env: DockerEnvironment,
  input?: string,
): Promise<void> {
  const result = await exec.run("docker", args, { env, ...(input && { input }) });
  if (result.code !== 0) {
    const said = result.stderr.trim() || result.stdout.trim();
    throw new CommandError(`docker ${args[0]} failed: ${said}`);
  }
}
