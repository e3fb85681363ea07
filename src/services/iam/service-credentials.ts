/** Credentials of a user for one service. The secret is told once, when it is made or made anew. */
import type * as Iam from "@aws-sdk/client-iam";
import { read, type WriteContext, write } from "../../gateway/service.ts";
import type { ServiceCredential, User } from "../../model/iam.ts";
import { iamAlphabet } from "../../seams/ids.ts";
import { serviceCredentials, users } from "../../state/tables/iam.ts";
import {
  invalidInput,
  notSupportedService,
  quotaExceeded,
  serviceCredentialNotFound,
} from "./errors.ts";
import { globalScope, iamArn, type Place, requireUserOrCaller, userArns } from "./lookup.ts";
import { pageOf } from "./paging.ts";
import { validateChoice } from "./validate.ts";

type Nothing = Record<string, never>;

const mostPerService = 2;
const day = 24 * 60 * 60 * 1000;
const secretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** A user name with a password, or a key alone that may end. */
const kinds: ReadonlyMap<string, "password" | "key"> = new Map([
  ["codecommit.amazonaws.com", "password"],
  ["cassandra.amazonaws.com", "password"],
  ["bedrock.amazonaws.com", "key"],
]);

export const createServiceSpecificCredential = write<
  Iam.CreateServiceSpecificCredentialRequest,
  Iam.CreateServiceSpecificCredentialResponse
>({
  action: "iam:CreateServiceSpecificCredential",
  resources: userArns,
  accepts: { UserName: true, ServiceName: true, CredentialAgeDays: true },
  run(context, input) {
    const user = requireUserOrCaller(context, input.UserName);
    const service = validateService(input.ServiceName);
    const days = input.CredentialAgeDays;
    if (days !== undefined && kinds.get(service) !== "key") {
      throw invalidInput(`CredentialAgeDays is not supported for service ${service}.`);
    }
    const taken = ofUser(context, user).filter((one) => one.service === service);
    if (taken.length >= mostPerService) {
      throw quotaExceeded("ServiceSpecificCredentialsPerUser", mostPerService);
    }
    const credential: ServiceCredential = {
      account: user.account,
      region: user.region,
      id: `ACCA${context.ids.pick(iamAlphabet, 17)}`,
      userId: user.id,
      isActive: true,
      createdAt: context.now,
      service,
      signInName: freeSignInName(user, taken),
      expiresAt: days === undefined ? undefined : context.now + days * day,
    };
    context.tx.table(serviceCredentials).put(credential);
    return { ServiceSpecificCredential: withSecret(context, user, credential) };
  },
});

function validateService(service = ""): string {
  if (!kinds.has(service)) throw notSupportedService(service);
  return service;
}

const ofUser = ({ tx }: Place, user: User): ServiceCredential[] =>
  tx.table(serviceCredentials).by("user", user, user.id);

/** The second of a user has a number in its name. */
function freeSignInName(user: User, taken: readonly ServiceCredential[]): string {
  const names = ["", "+1"].map((suffix) => `${user.name}${suffix}-at-${user.account}`);
  const free = names.find((name) => !taken.some(({ signInName }) => signInName === name));
  return free ?? `${user.name}+2-at-${user.account}`;
}

/** With a secret that nobody can be told again, since it is not kept. */
function withSecret(
  { ids, now }: WriteContext,
  user: User,
  credential: ServiceCredential,
): Iam.ServiceSpecificCredential {
  const common = {
    ...toMetadata(user, credential, now),
    CreateDate: new Date(credential.createdAt),
    ServiceName: credential.service,
    ServiceSpecificCredentialId: credential.id,
    UserName: user.name,
    Status: statusOf(credential, now),
  };
  return kinds.get(credential.service) === "key"
    ? { ...common, ServiceCredentialSecret: `ABSK${ids.pick(secretAlphabet, 128)}` }
    : { ...common, ServicePassword: `${ids.pick(secretAlphabet, 43)}=` };
}

export const resetServiceSpecificCredential = write<
  Iam.ResetServiceSpecificCredentialRequest,
  Iam.ResetServiceSpecificCredentialResponse
>({
  action: "iam:ResetServiceSpecificCredential",
  resources: userArns,
  accepts: { UserName: true, ServiceSpecificCredentialId: true },
  run(context, input) {
    const { user, credential } = requireCredential(context, input);
    return { ServiceSpecificCredential: withSecret(context, user, credential) };
  },
});

type Named = {
  readonly UserName?: string | undefined;
  readonly ServiceSpecificCredentialId: string | undefined;
};

function requireCredential(
  context: WriteContext,
  { UserName, ServiceSpecificCredentialId: id = "" }: Named,
) {
  const user = requireUserOrCaller(context, UserName);
  const credential = context.tx.table(serviceCredentials).get(user, id);
  if (credential?.userId !== user.id) throw serviceCredentialNotFound(id);
  return { user, credential };
}

export const updateServiceSpecificCredential = write<
  Iam.UpdateServiceSpecificCredentialRequest,
  Nothing
>({
  action: "iam:UpdateServiceSpecificCredential",
  resources: userArns,
  accepts: { UserName: true, ServiceSpecificCredentialId: true, Status: true },
  run(context, input) {
    const status = validateChoice(input.Status, "status", ["Active", "Inactive"]);
    const { credential } = requireCredential(context, input);
    context.tx.table(serviceCredentials).put({ ...credential, isActive: status === "Active" });
    return {};
  },
});

export const deleteServiceSpecificCredential = write<
  Iam.DeleteServiceSpecificCredentialRequest,
  Nothing
>({
  action: "iam:DeleteServiceSpecificCredential",
  resources: userArns,
  accepts: { UserName: true, ServiceSpecificCredentialId: true },
  run(context, input) {
    const { credential } = requireCredential(context, input);
    context.tx.table(serviceCredentials).delete(credential, credential.id);
    return {};
  },
});

export const listServiceSpecificCredentials = read<
  Iam.ListServiceSpecificCredentialsRequest,
  Iam.ListServiceSpecificCredentialsResponse
>({
  action: "iam:ListServiceSpecificCredentials",
  resources: (input, context) =>
    input.AllUsers ? [iamArn(context.scope.account, "user/*")] : userArns(input, context),
  accepts: { UserName: true, ServiceName: true, AllUsers: true, Marker: true, MaxItems: true },
  run(context, input) {
    const service =
      input.ServiceName === undefined ? undefined : validateService(input.ServiceName);
    if (input.AllUsers && input.UserName !== undefined) {
      throw invalidInput("UserName cannot be specified together with AllUsers.");
    }
    const owners = input.AllUsers
      ? context.tx.table(users).list(globalScope(context))
      : [requireUserOrCaller(context, input.UserName)];
    const found = owners
      .flatMap((user) => ofUser(context, user).map((credential) => ({ user, credential })))
      .filter(({ credential }) => service === undefined || credential.service === service);
    const { items, rest } = pageOf(
      "ListServiceSpecificCredentials",
      found,
      ({ credential }) => credential.id,
      input,
    );
    return {
      ServiceSpecificCredentials: items.map(({ user, credential }) =>
        toMetadata(user, credential, context.now),
      ),
      ...rest,
    };
  },
});

function statusOf(
  { isActive, expiresAt = Infinity }: ServiceCredential,
  now: number,
): Iam.StatusType {
  if (now >= expiresAt) return "Expired";
  return isActive ? "Active" : "Inactive";
}

const toMetadata = (
  user: User,
  credential: ServiceCredential,
  now: number,
): Iam.ServiceSpecificCredentialMetadata => ({
  UserName: user.name,
  Status: statusOf(credential, now),
  ...(kinds.get(credential.service) === "key"
    ? { ServiceCredentialAlias: credential.signInName }
    : { ServiceUserName: credential.signInName }),
  CreateDate: new Date(credential.createdAt),
  ExpirationDate: credential.expiresAt === undefined ? undefined : new Date(credential.expiresAt),
  ServiceSpecificCredentialId: credential.id,
  ServiceName: credential.service,
});
