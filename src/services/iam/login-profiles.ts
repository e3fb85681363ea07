/** That a user may sign in to the console. Passwords are checked for their form and not kept. */
import type * as Iam from "@aws-sdk/client-iam";
import { read, write } from "../../gateway/service.ts";
import type { User } from "../../model/iam.ts";
import { users } from "../../state/tables/iam.ts";
import { alreadyExists, loginProfileNotFound } from "./errors.ts";
import { requireUserOrCaller, userArns } from "./lookup.ts";
import { checkPassword } from "./password-policy.ts";
import { validateLength } from "./validate.ts";

type Nothing = Record<string, never>;

export const createLoginProfile = write<
  Iam.CreateLoginProfileRequest,
  Iam.CreateLoginProfileResponse
>({
  action: "iam:CreateLoginProfile",
  resources: userArns,
  accepts: { UserName: true, Password: true, PasswordResetRequired: true },
  stored: ["Password"],
  run(context, input) {
    const user = requireUserOrCaller(context, input.UserName);
    checkPassword(context, validateLength(input.Password ?? "", "password", 1, 128));
    if (user.loginProfile)
      throw alreadyExists(`Login Profile for user ${user.name} already exists.`);
    const mustChangePassword = input.PasswordResetRequired ?? false;
    const loginProfile = { createdAt: context.now, mustChangePassword };
    context.tx.table(users).put({ ...user, loginProfile });
    return { LoginProfile: toView(user.name, loginProfile) };
  },
});

export const getLoginProfile = read<Iam.GetLoginProfileRequest, Iam.GetLoginProfileResponse>({
  action: "iam:GetLoginProfile",
  resources: userArns,
  accepts: { UserName: true },
  run(context, input) {
    const user = requireUserOrCaller(context, input.UserName);
    if (!user.loginProfile) throw loginProfileNotFound(user.name);
    return { LoginProfile: toView(user.name, user.loginProfile) };
  },
});

export const updateLoginProfile = write<Iam.UpdateLoginProfileRequest, Nothing>({
  action: "iam:UpdateLoginProfile",
  resources: userArns,
  accepts: { UserName: true, Password: true, PasswordResetRequired: true },
  stored: ["Password"],
  run(context, input) {
    const user = requireUserOrCaller(context, input.UserName);
    if (!user.loginProfile) throw loginProfileNotFound(user.name);
    if (input.Password !== undefined) {
      checkPassword(context, validateLength(input.Password, "password", 1, 128));
    }
    const mustChangePassword = input.PasswordResetRequired ?? user.loginProfile.mustChangePassword;
    const changed = input.Password === undefined ? {} : { passwordChangedAt: context.now };
    const loginProfile = { ...user.loginProfile, ...changed, mustChangePassword };
    context.tx.table(users).put({ ...user, loginProfile });
    return {};
  },
});

export const deleteLoginProfile = write<Iam.DeleteLoginProfileRequest, Nothing>({
  action: "iam:DeleteLoginProfile",
  resources: userArns,
  accepts: { UserName: true },
  run(context, input) {
    const user = requireUserOrCaller(context, input.UserName);
    if (!user.loginProfile) throw loginProfileNotFound(user.name);
    context.tx.table(users).put({ ...user, loginProfile: undefined });
    return {};
  },
});

const toView = (
  name: string,
  { createdAt, mustChangePassword }: NonNullable<User["loginProfile"]>,
): Iam.LoginProfile => ({
  UserName: name,
  CreateDate: new Date(createdAt),
  PasswordResetRequired: mustChangePassword,
});
