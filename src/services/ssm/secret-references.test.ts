import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { GetParameterCommand, GetParametersCommand } from "@aws-sdk/client-ssm";
import { expect, it } from "vitest";
import { secretsmanagerService } from "../secretsmanager/service.ts";
import { startTestSsm } from "./testing.ts";

const name = "/aws/reference/secretsmanager/app/db";

async function start() {
  const at = await startTestSsm([secretsmanagerService]);
  const secrets = at.cloud.client(SecretsManagerClient);
  const made = await secrets.send(
    new CreateSecretCommand({ Name: "app/db", SecretString: "first" }),
  );
  const get = async (Name: string, WithDecryption = true) =>
    (await at.ssm.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter;
  return { ...at, secrets, made, get, [Symbol.asyncDispose]: () => at[Symbol.asyncDispose]() };
}

it("a secret as a parameter: its value, its ARN and what Secrets Manager says of it", async () => {
  await using at = await start();
  const found = await at.get(name);
  expect(found).toMatchObject({
    Name: name,
    Type: "SecureString",
    Value: "first",
    Version: 0,
    ARN: at.made.ARN,
  });
  expect(JSON.parse(found?.SourceResult ?? "")).toMatchObject({
    Name: "app/db",
    VersionId: at.made.VersionId,
    SecretString: "first",
    VersionStages: ["AWSCURRENT"],
  });
  const { Parameters } = await at.ssm.send(
    new GetParametersCommand({ Names: [name], WithDecryption: true }),
  );
  expect(Parameters?.[0]?.Value).toBe("first");
});

it("a version of it, by its id and by its stage", async () => {
  await using at = await start();
  await at.secrets.send(new PutSecretValueCommand({ SecretId: "app/db", SecretString: "second" }));
  expect((await at.get(name))?.Value).toBe("second");
  expect((await at.get(`${name}:AWSPREVIOUS`))?.Value).toBe("first");
  expect((await at.get(`${name}:${at.made.VersionId}`))?.Value).toBe("first");
});

it("not in plain text, not there, deleted: refused in AWS's words", async () => {
  await using at = await start();
  await expect(at.get(name, false)).rejects.toMatchObject({
    name: "ValidationException",
    message: "WithDecryption flag must be True for retrieving a Secret Manager secret.",
  });
  const missing = { name: "ParameterNotFound", message: expect.stringContaining("not found") };
  await expect(at.get(`${name}x`)).rejects.toMatchObject(missing);
  await expect(at.get(`${name}:NONE`)).rejects.toMatchObject(missing);
  await at.secrets.send(new DeleteSecretCommand({ SecretId: "app/db" }));
  await expect(at.get(name)).rejects.toMatchObject(missing);
});
