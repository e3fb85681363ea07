/** The demo's image: the Perl service of `examples/hello-fargate/app`, packed from this machine. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { buildMachineImage } from "../../../tools/images/machine-image.ts";
import { processExec } from "../../seams/exec.ts";
import { CommandError } from "../command.ts";

const script = path.join(import.meta.dirname, "../../../examples/hello-fargate/app/server.pl");

/** What `docker` needs in its environment to reach the engine's daemon. */
export type DockerEnvironment = Readonly<Record<string, string>>;

export async function buildAndLoad(
  tag: string,
  env: DockerEnvironment,
  into: string,
): Promise<void> {
  const archive = path.join(into, "image.tar");
  await buildMachineImage({
    file: archive,
    tag,
    programs: ["perl", "sh", "ip"],
    perlModules: ["IO::Socket::INET", "Socket"],
    files: [{ path: "/app/server.pl", content: readFileSync(script) }],
    entryPoint: ["/usr/bin/perl", "/app/server.pl"],
  });
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

async function docker(
  args: readonly string[],
  env: DockerEnvironment,
  input?: string,
): Promise<void> {
  const result = await processExec().run("docker", args, { env, ...(input && { input }) });
  if (result.code !== 0) {
    throw new CommandError(
      `docker ${args[0]} failed: ${result.stderr.trim() || result.stdout.trim()}`,
    );
  }
}
