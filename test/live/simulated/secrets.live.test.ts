/** Keys, parameters and secrets by Terraform and the AWS CLI, on an engine without containers. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { exec } from "../support/live-engine.ts";
import { describeTerraform, openStack } from "../support/terraform-stack.ts";

const example = path.join(import.meta.dirname, "../../../examples/secrets/terraform");
await describeTerraform("secrets with Terraform", (mirror) => {
  const stack = openStack(mirror, example);

  it("applied: data sources read back what resources hold, decrypted", async () => {
    await stack.terraform.apply("default");
    const values = JSON.parse(await stack.terraform.ok("default", "output", "-json"));
    expect(values.password.value).toBe("hunter2");
    expect(values.token.value).toBe("token-of-demo");
    expect(JSON.parse(values.db.value)).toEqual({ user: "app", password: "hunter4" });
    expect(values.image.value).toMatch(/^ami-0[0-9a-f]{16}$/);
    expect(values.names.value).toBe("/demo/default-key /demo/hosts /demo/password /demo/url");
  });

  it("on disk: no value in plain text, and the sealing key is its owner's alone", () => {
    const files = readdirSync(stack.engine.home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith(".log"))
      .map((entry) => path.join(entry.parentPath, entry.name));
    expect(files.some((file) => file.includes("state.db"))).toBe(true);
    for (const file of files) {
      const bytes = readFileSync(file);
      for (const secret of ["hunter2", "hunter3", "hunter4", "token-of-demo"]) {
        expect(bytes.includes(secret), `${secret} in ${file}`).toBe(false);
      }
    }
    expect(statSync(path.join(stack.engine.home, "sealing.key")).mode & 0o777).toBe(0o600);
  });

  it("killed and started again: a second plan finds no difference", async () => {
    await stack.engine.kill();
    await stack.engine.restart();
    await stack.terraform.expectNoChanges("default");
  });

  it("revised: changed in place, and clean again", async () => {
    const change = "-var=revision=2";
    const applied = await stack.terraform.apply("default", change);
    expect(applied).toContain("0 added, 4 changed, 0 destroyed");
    await stack.terraform.expectNoChanges("default", change);
  });

  it("the AWS CLI: the same values, and AWS's errors", async () => {
    const env = await stack.engine.environment();
    const aws = (...args: string[]) => exec.run("aws", args, { env });
    const value = ["--query", "Parameter.Value", "--output", "text"];
    const parameter = ["ssm", "get-parameter", "--name", "/demo/password"];
    expect((await aws(...parameter, "--with-decryption", ...value)).stdout).toBe("hunter2\n");
    const text = ["--query", "SecretString", "--output", "text"];
    const secret = await aws(
      "secretsmanager",
      "get-secret-value",
      "--secret-id",
      "demo/db",
      ...text,
    );
    expect(JSON.parse(secret.stdout)).toEqual({ user: "app", password: "hunter4" });
    const aliases = await aws("kms", "list-aliases", "--query", "Aliases[].AliasName");
    expect(JSON.parse(aliases.stdout)).toContain("alias/demo");
    const failures: [string[], string][] = [
      [["ssm", "get-parameter", "--name", "/none"], "(ParameterNotFound)"],
      [["kms", "describe-key", "--key-id", "alias/none"], "(NotFoundException)"],
      [["kms", "decrypt", "--ciphertext-blob", "bm9uc2Vuc2U="], "(InvalidCiphertextException)"],
      [
        ["secretsmanager", "get-secret-value", "--secret-id", "none"],
        "(ResourceNotFoundException)",
      ],
    ];
    for (const [args, code] of failures) expect((await aws(...args)).stderr).toContain(code);
  });

  it("destroyed: nothing is left but keys that wait for their window", async () => {
    await stack.terraform.destroy("default");
    const env = await stack.engine.environment();
    const count = async (...args: string[]) => (await exec.run("aws", args, { env })).stdout.trim();
    const parameters = ["--query", "length(Parameters)"];
    const secrets = ["--query", "length(SecretList)"];
    expect(await count("ssm", "describe-parameters", ...parameters)).toBe("0");
    expect(await count("secretsmanager", "list-secrets", ...secrets)).toBe("0");
  });
});
