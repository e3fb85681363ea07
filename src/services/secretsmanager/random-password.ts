/** GetRandomPassword. */
import type * as Secrets from "@aws-sdk/client-secrets-manager";
import { makePassword, neededKinds, passwordKinds } from "../../engine/secrets/password.ts";
import { checkConstraints } from "../../gateway/constraints.ts";
import { read } from "../../gateway/service.ts";
import { invalidParameter } from "./errors.ts";

export const getRandomPassword = read<
  Secrets.GetRandomPasswordRequest,
  Secrets.GetRandomPasswordResponse
>({
  action: "secretsmanager:GetRandomPassword",
  resources: () => ["*"],
  accepts: {
    PasswordLength: true,
    ExcludeCharacters: true,
    ExcludeNumbers: true,
    ExcludePunctuation: true,
    ExcludeUppercase: true,
    ExcludeLowercase: true,
    IncludeSpace: true,
    RequireEachIncludedType: true,
  },
  run({ ids }, input) {
    checkConstraints([
      ["passwordLength", input.PasswordLength, { range: [1, 4096] }],
      ["excludeCharacters", input.ExcludeCharacters, { length: [0, 4096] }],
    ]);
    const length = input.PasswordLength ?? 32;
    const kinds = passwordKinds({
      length,
      exclude: input.ExcludeCharacters ?? "",
      excludeNumbers: input.ExcludeNumbers ?? false,
      excludePunctuation: input.ExcludePunctuation ?? false,
      excludeUppercase: input.ExcludeUppercase ?? false,
      excludeLowercase: input.ExcludeLowercase ?? false,
      includeSpace: input.IncludeSpace ?? false,
    });
    const eachKind = input.RequireEachIncludedType ?? true;
    if (kinds.length === 0) {
      throw invalidParameter("You excluded every character that the password could be made of.");
    }
    if (eachKind && length < neededKinds(kinds).length) {
      throw invalidParameter("Password length is too short based on the required types.");
    }
    return { RandomPassword: makePassword(kinds, length, eachKind, ids) };
  },
});
