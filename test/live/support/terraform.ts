/** Terraform with the unmodified AWS provider, from a filesystem mirror, against a live engine. */
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ExecResult } from "../../../src/seams/exec.ts";
import { exec, type LiveEngine, runOk } from "./live-engine.ts";

export type Terraform = {
  readonly folder: string;
  /** Runs in a workspace; the result is given whatever the exit code. */
  run(workspace: string, ...args: string[]): Promise<ExecResult>;
  /** Runs and must succeed. */
  ok(workspace: string, ...args: string[]): Promise<string>;
  apply(workspace: string, ...args: string[]): Promise<string>;
  destroy(workspace: string, ...args: string[]): Promise<string>;
  /** Fails with the plan when there is one. */
  expectNoChanges(workspace: string, ...args: string[]): Promise<void>;
  output(workspace: string, name: string): Promise<string>;
  addWorkspace(name: string): Promise<void>;
  dispose(): void;
};

/** Where filesystem mirrors are usually kept; the variable comes first. */
const usualPlaces = ["/opt", "/usr/local/share", "/usr/share", "/var/lib", "/root", "/home"];

/** The mirror's folder, or a sentence why there are no Terraform tests. */
export async function findMirror(): Promise<{ mirror: string } | { missing: string }> {
  const which = await exec.run("sh", ["-c", "command -v terraform"]);
  if (which.code !== 0) return { missing: "terraform is not installed" };
  const given = process.env["NEARGATE_TF_MIRROR"];
  if (given) return { mirror: given };
  const places = usualPlaces.filter((place) => existsSync(place));
  const found = await exec.run("find", [
    ...places,
    "-maxdepth",
    "6",
    "-type",
    "d",
    "-path",
    "*/registry.terraform.io/hashicorp/aws/5.*",
    "-prune",
  ]);
  const [first] = found.stdout.split("\n");
  const mirror = /^(.*)\/registry\.terraform\.io\//.exec(first ?? "")?.[1];
  return mirror ? { mirror } : { missing: "no mirror of the AWS provider; set NEARGATE_TF_MIRROR" };
}

/** Nobody else uses a copy, so its state need not be locked. */
const unattended = ["-input=false", "-no-color", "-lock=false"];

/** A copy of an example, initialised. */
export async function openTerraform(
  engine: LiveEngine,
  mirror: string,
  example: string,
): Promise<Terraform> {
  const folder = mkdtempSync(path.join(tmpdir(), "ng-terraform-"));
  cpSync(example, folder, { recursive: true });
  const config = path.join(folder, "cli.tfrc");
  writeFileSync(
    config,
    `provider_installation {\n  filesystem_mirror {\n    path = "${mirror}"\n  }\n}\n`,
  );
  const environment = {
    ...(await engine.environment()),
    TF_CLI_CONFIG_FILE: config,
    TF_IN_AUTOMATION: "1",
    CHECKPOINT_DISABLE: "1",
  };
  const terraform: Terraform = {
    folder,
    run: (workspace, ...args) =>
      exec.run("terraform", [`-chdir=${folder}`, ...args], {
        env: { ...environment, TF_WORKSPACE: workspace },
      }),
    async ok(workspace, ...args) {
      const result = await terraform.run(workspace, ...args);
      if (result.code !== 0)
        throw new Error(`terraform ${args.join(" ")}: ${result.stderr}\n${result.stdout}`);
      return result.stdout;
    },
    apply: (workspace, ...args) =>
      terraform.ok(workspace, "apply", "-auto-approve", ...unattended, ...args),
    destroy: (workspace, ...args) =>
      terraform.ok(workspace, "destroy", "-auto-approve", ...unattended, ...args),
    async expectNoChanges(workspace, ...args) {
      const words = ["plan", "-detailed-exitcode", ...unattended, ...args];
      const plan = await terraform.run(workspace, ...words);
      if (plan.code !== 0) throw new Error(`not clean:\n${plan.stdout}\n${plan.stderr}`);
    },
    output: async (workspace, name) =>
      (await terraform.ok(workspace, "output", "-raw", name)).trim(),
    async addWorkspace(name) {
      // The variable that chooses a workspace forbids making one.
      await runOk("terraform", [`-chdir=${folder}`, "workspace", "new", name], {
        env: environment,
      });
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
  await runOk("terraform", [`-chdir=${folder}`, "init", ...unattended], {
    env: environment,
  });
  return terraform;
}
