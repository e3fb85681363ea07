/**
 * The policy that an account has for passwords. Passwords that are set are held to their form; nobody signs
 * in with one here, so their age and their history are only kept.
 */
import type * as Iam from "@aws-sdk/client-iam";
import { read, write } from "../../gateway/service.ts";
import type { PasswordPolicy } from "../../model/iam.ts";
import { putSettings, settingsOf } from "./account-settings.ts";
import { noSuchEntity, passwordPolicyViolation } from "./errors.ts";
import type { Place } from "./lookup.ts";

type Nothing = Record<string, never>;

/** What a member that an update leaves out is set to, too: an update replaces the whole policy. */
export const updateAccountPasswordPolicy = write<Iam.UpdateAccountPasswordPolicyRequest, Nothing>({
  action: "iam:UpdateAccountPasswordPolicy",
  resources: () => ["*"],
  accepts: {
    MinimumPasswordLength: true,
    RequireSymbols: true,
    RequireNumbers: true,
    RequireUppercaseCharacters: true,
    RequireLowercaseCharacters: true,
    AllowUsersToChangePassword: true,
    MaxPasswordAge: true,
    PasswordReusePrevention: true,
    HardExpiry: true,
  },
  stored: ["AllowUsersToChangePassword", "MaxPasswordAge", "PasswordReusePrevention", "HardExpiry"],
  run(context, input) {
    putSettings(context, {
      passwordPolicy: {
        minimumLength: input.MinimumPasswordLength ?? 6,
        requireSymbols: input.RequireSymbols ?? false,
        requireNumbers: input.RequireNumbers ?? false,
        requireUppercase: input.RequireUppercaseCharacters ?? false,
        requireLowercase: input.RequireLowercaseCharacters ?? false,
        allowUsersToChange: input.AllowUsersToChangePassword ?? false,
        maxAge: input.MaxPasswordAge,
        reusePrevention: input.PasswordReusePrevention,
        hardExpiry: input.HardExpiry,
      },
    });
    return {};
  },
});

export const getAccountPasswordPolicy = read<Nothing, Iam.GetAccountPasswordPolicyResponse>({
  action: "iam:GetAccountPasswordPolicy",
  resources: () => ["*"],
  accepts: {},
  run(context) {
    const policy = settingsOf(context)?.passwordPolicy;
    if (policy) return { PasswordPolicy: toView(policy) };
    const { account } = context.scope;
    throw noSuchEntity(`The Password Policy with domain name ${account} cannot be found.`);
  },
});

export const deleteAccountPasswordPolicy = write<Nothing, Nothing>({
  action: "iam:DeleteAccountPasswordPolicy",
  resources: () => ["*"],
  accepts: {},
  run(context) {
    if (!settingsOf(context)?.passwordPolicy) {
      throw noSuchEntity("The account policy with name PasswordPolicy cannot be found.");
    }
    putSettings(context, { passwordPolicy: undefined });
    return {};
  },
});

/** Throws `PasswordPolicyViolation` for a password that the account's policy does not allow. */
export function checkPassword(place: Place, password: string): void {
  const policy = settingsOf(place)?.passwordPolicy;
  if (!policy) return;
  const rules: readonly (readonly [required: boolean, holds: boolean])[] = [
    [true, password.length >= policy.minimumLength],
    [policy.requireSymbols, /[!@#$%^&*()_+\-=[\]{}|']/.test(password)],
    [policy.requireNumbers, /[0-9]/.test(password)],
    [policy.requireUppercase, /[A-Z]/.test(password)],
    [policy.requireLowercase, /[a-z]/.test(password)],
  ];
  if (rules.some(([required, holds]) => required && !holds)) throw passwordPolicyViolation();
}

const toView = (policy: PasswordPolicy): Iam.PasswordPolicy => ({
  MinimumPasswordLength: policy.minimumLength,
  RequireSymbols: policy.requireSymbols,
  RequireNumbers: policy.requireNumbers,
  RequireUppercaseCharacters: policy.requireUppercase,
  RequireLowercaseCharacters: policy.requireLowercase,
  AllowUsersToChangePassword: policy.allowUsersToChange,
  ExpirePasswords: policy.maxAge !== undefined && policy.maxAge > 0,
  MaxPasswordAge: policy.maxAge,
  PasswordReusePrevention: policy.reusePrevention,
  HardExpiry: policy.hardExpiry,
});
