/**
 * What AWS CLI v2 does otherwise than v1 or has alone: `logs tail`, binary members in base64 or as raw files,
 * its waiters and its own words for the registry. Tasks are simulated.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findAwsCliV2 } from "../support/aws-cli.ts";
import {
  clock,
  exec,
  type LiveEngine,
  runOk,
  startLiveEngine,
  until,
} from "../support/live-engine.ts";

const found = await findAwsCliV2();
const missing = "missing" in found ? found.missing : undefined;
const program = "program" in found ? found.program : "";
if (missing) process.stderr.write(`\nTESTS OF AWS CLI V2 ARE SKIPPED: ${missing}\n\n`);

describe.skipIf(missing !== undefined)(`AWS CLI v2${missing ? ` (${missing})` : ""}`, () => {
  let engine: LiveEngine;
  let env: Record<string, string>;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "ng-cli2-"));
    engine = await startLiveEngine({ args: ["--runtime", "simulated"] });
    env = { ...(await engine.environment()), AWS_PAGER: "" };
  });
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  // Older ones do not know the variable for it.
  const all = (words: string): string[] => ["--endpoint-url", engine.endpoint, ...words.split(" ")];
  const aws = async (words: string, ...rest: string[]): Promise<string> =>
    (await runOk(program, [...all(words), ...rest], { env })).trim();
  const fileOf = (name: string): string => path.join(folder, name);
  const put = (message: string): Promise<string> =>
    aws(
      "logs put-log-events --log-group-name /app --log-stream-name s --log-events",
      JSON.stringify([{ timestamp: clock.now(), message }]),
    );

  it("logs tail: what there is since then, by pattern, and with --follow what comes", async () => {
    await aws("logs create-log-group --log-group-name /app");
    await aws("logs create-log-stream --log-group-name /app --log-stream-name s");
    await put("first ERROR");
    await put("second");
    const tail = "logs tail /app --since 10m --format short";
    const lines = (text: string): string[] => text.split("\n").map((line) => line.slice(20));
    expect(lines(await aws(tail))).toEqual(["first ERROR", "second"]);
    expect(lines(await aws(`${tail} --filter-pattern ERROR`))).toEqual(["first ERROR"]);
    const following = exec.start(program, all(`${tail} --follow`), { env });
    let seen = "";
    following.stdout?.setEncoding("utf8").on("data", (text: string) => {
      seen += text;
    });
    try {
      await until("the lines that were there", 60_000, async () => seen.includes("second"));
      await put("third");
      await until("the line that came", 60_000, async () => seen.includes("third"));
    } finally {
      following.kill("SIGTERM");
    }
    expect(lines(seen.trim())).toEqual(["first ERROR", "second", "third"]);
    const none = await exec.run(program, all("logs tail /none"), { env });
    expect(none.code).toBe(254);
    expect(none.stderr).toContain("(ResourceNotFoundException)");
  });

  it("KMS: encrypted and signed from files and back, plaintexts and signatures in base64", async () => {
    writeFileSync(fileOf("plain"), "hello \u0000 world");
    const query = (member: string): string[] => ["--query", member, "--output", "text"];
    const [key, signing] = [
      await aws("kms create-key", ...query("KeyMetadata.KeyId")),
      await aws(
        "kms create-key --key-spec ECC_NIST_P256 --key-usage SIGN_VERIFY",
        ...query("KeyMetadata.KeyId"),
      ),
    ];
    const plaintext = `fileb://${fileOf("plain")}`;
    const context = "--encryption-context app=one";
    const encrypt = `kms encrypt --key-id ${key} ${context} --plaintext ${plaintext}`;
    const ciphertext = await aws(encrypt, ...query("CiphertextBlob"));
    writeFileSync(fileOf("ciphertext"), Buffer.from(ciphertext, "base64"));
    const decrypt = `kms decrypt ${context} --ciphertext-blob`;
    const opened = await aws(`${decrypt} fileb://${fileOf("ciphertext")}`, ...query("Plaintext"));
    expect(Buffer.from(opened, "base64")).toEqual(readFileSync(fileOf("plain")));
    expect(await aws(decrypt, ciphertext, ...query("Plaintext"))).toBe(opened);
    const signed = `--key-id ${signing} --message ${plaintext} --signing-algorithm ECDSA_SHA_256`;
    const signature = await aws(`kms sign ${signed}`, ...query("Signature"));
    const verified = await aws(
      `kms verify ${signed} --signature`,
      signature,
      ...query("SignatureValid"),
    );
    expect(verified).toBe("True");
  });

  it("parameters and secrets: binary ones in base64", async () => {
    await aws("ssm put-parameter --name /v2/db --type SecureString --value hunter2");
    const get = "ssm get-parameters-by-path --path /v2 --with-decryption --output text";
    expect(await aws(`${get} --query Parameters[].Value`)).toBe("hunter2");
    writeFileSync(fileOf("binary"), Buffer.from([0, 255, 1]));
    await aws(
      `secretsmanager create-secret --name bin --secret-binary fileb://${fileOf("binary")}`,
    );
    const secret = "secretsmanager get-secret-value --secret-id bin --output text";
    expect(await aws(`${secret} --query SecretBinary`)).toBe("AP8B");
  });

  it("ECS: the waiters come back when services are stable and when they are gone", async () => {
    await aws("ecs create-cluster --cluster-name c");
    await aws(
      "ecs register-task-definition --family web --network-mode awsvpc --cpu 256 --memory 512 --container-definitions",
      '[{"name":"app","image":"public.ecr.aws/nginx"}]',
    );
    const subnet = await aws("ec2 describe-subnets --query Subnets[0].SubnetId --output text");
    const network = `awsvpcConfiguration={subnets=[${subnet}],assignPublicIp=ENABLED}`;
    await aws(
      `ecs create-service --cluster c --service-name s --task-definition web --desired-count 1 --launch-type FARGATE --network-configuration ${network}`,
    );
    await aws("ecs wait services-stable --cluster c --services s");
    const running = "ecs describe-services --cluster c --services s --output text --query";
    expect(await aws(`${running} services[0].runningCount`)).toBe("1");
    await aws("ecs delete-service --cluster c --service s --force");
    await aws("ecs wait services-inactive --cluster c --services s");
    expect(await aws(`${running} services[0].status`)).toBe("INACTIVE");
  });

  it("ECR: a password for docker login", async () => {
    const password = await aws("ecr get-login-password");
    expect(password).toMatch(/^[\w+/=-]{20,}$/);
  });
});
