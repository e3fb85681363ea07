/** Certificates of the account for servers: checked when uploaded, and shown without their private keys. */
import type * as Iam from "@aws-sdk/client-iam";
import { type RequestContext, read, type WriteContext, write } from "../../gateway/service.ts";
import type { ServerCertificate } from "../../model/iam.ts";
import { iamAlphabet } from "../../seams/ids.ts";
import { serverCertificates } from "../../state/tables/iam.ts";
import { checkChain, checkPrivateKey, parseCertificate } from "./certificates.ts";
import { alreadyExists, certificateNotFound, quotaExceeded } from "./errors.ts";
import { globalScope, iamArn, isTaken, newArn, type Place } from "./lookup.ts";
import { byName, pageOf } from "./paging.ts";
import { authorizeRenaming } from "./renaming.ts";
import { listTags, toTagViews, withoutTags, withTags } from "./tags.ts";
import { toTags, validateName, validatePath, validatePrefix } from "./validate.ts";

type Nothing = Record<string, never>;
type ByName = { readonly ServerCertificateName: string | undefined };

const mostCertificates = 20;

const certificateArns = (input: ByName, { scope }: RequestContext): string[] => [
  iamArn(scope.account, `server-certificate/${input.ServerCertificateName ?? "*"}`),
];

export const uploadServerCertificate = write<
  Iam.UploadServerCertificateRequest,
  Iam.UploadServerCertificateResponse
>({
  action: "iam:UploadServerCertificate",
  resources: ({ Path, ServerCertificateName }, context) =>
    newArn(context, "server-certificate", Path, ServerCertificateName),
  accepts: {
    Path: true,
    ServerCertificateName: true,
    CertificateBody: true,
    PrivateKey: true,
    CertificateChain: true,
    Tags: true,
  },
  // Compared with the certificate; nothing here could use it later.
  stored: ["PrivateKey"],
  run(context, input) {
    const { tx, ids, now } = context;
    const scope = globalScope(context);
    const name = validateName(input.ServerCertificateName, "serverCertificateName", 128);
    const path = validatePath(input.Path);
    const tags = toTags(input.Tags);
    const contents = checkContents(input);
    requireFree(context, name);
    if (tx.table(serverCertificates).list(scope).length >= mostCertificates) {
      throw quotaExceeded("ServerCertificatesPerAccount", mostCertificates);
    }
    const certificate: ServerCertificate = {
      ...scope,
      ...contents,
      arn: iamArn(scope.account, `server-certificate${path}${name}`),
      id: `ASCA${ids.pick(iamAlphabet, 17)}`,
      name,
      path,
      createdAt: now,
      tags,
    };
    tx.table(serverCertificates).put(certificate);
    return { ServerCertificateMetadata: toMetadata(certificate), Tags: toTagViews(tags) };
  },
});

function checkContents(
  input: Iam.UploadServerCertificateRequest,
): Pick<ServerCertificate, "body" | "chain" | "expiresAt"> {
  const body = input.CertificateBody ?? "";
  const certificate = parseCertificate(body);
  checkPrivateKey(certificate, input.PrivateKey ?? "");
  const chain = input.CertificateChain;
  if (chain !== undefined) checkChain(certificate, chain);
  return {
    body: body.trim(),
    chain: chain?.trim(),
    expiresAt: certificate.validToDate.getTime(),
  };
}

function requireFree(context: WriteContext, name: string, except?: ServerCertificate): void {
  const all = context.tx.table(serverCertificates).list(globalScope(context));
  if (isTaken(name, except ? all.filter(({ id }) => id !== except.id) : all)) {
    throw alreadyExists(`The Server Certificate with name ${name} already exists.`);
  }
}

function requireCertificate(context: Place, { ServerCertificateName: name = "" }: ByName) {
  const certificate = context.tx.table(serverCertificates).get(globalScope(context), name);
  if (!certificate) throw certificateNotFound(name);
  return certificate;
}

export const getServerCertificate = read<
  Iam.GetServerCertificateRequest,
  Iam.GetServerCertificateResponse
>({
  action: "iam:GetServerCertificate",
  resources: certificateArns,
  accepts: { ServerCertificateName: true },
  run(context, input) {
    const certificate = requireCertificate(context, input);
    return {
      ServerCertificate: {
        ServerCertificateMetadata: toMetadata(certificate),
        CertificateBody: certificate.body,
        CertificateChain: certificate.chain,
        Tags: toTagViews(certificate.tags),
      },
    };
  },
});

export const listServerCertificates = read<
  Iam.ListServerCertificatesRequest,
  Iam.ListServerCertificatesResponse
>({
  action: "iam:ListServerCertificates",
  resources: (_, { scope }) => [iamArn(scope.account, "server-certificate/")],
  accepts: { PathPrefix: true, Marker: true, MaxItems: true },
  run(context, input) {
    const prefix = validatePrefix(input.PathPrefix);
    const all = context.tx.table(serverCertificates).list(globalScope(context));
    const found = all.filter(({ path }) => path.startsWith(prefix));
    const { items, rest } = pageOf("ListServerCertificates", found, byName, input);
    return { ServerCertificateMetadataList: items.map(toMetadata), ...rest };
  },
});

/** Another name or path: the certificate stays what it is, with its id. */
export const updateServerCertificate = write<Iam.UpdateServerCertificateRequest, Nothing>({
  action: "iam:UpdateServerCertificate",
  resources: certificateArns,
  accepts: { ServerCertificateName: true, NewPath: true, NewServerCertificateName: true },
  run(context, input) {
    const before = requireCertificate(context, input);
    const name = validateName(
      input.NewServerCertificateName ?? before.name,
      "newServerCertificateName",
      128,
    );
    const path = input.NewPath === undefined ? before.path : validatePath(input.NewPath, "newPath");
    const arn = iamArn(before.account, `server-certificate${path}${name}`);
    authorizeRenaming(context, "iam:UpdateServerCertificate", before, arn);
    requireFree(context, name, before);
    const table = context.tx.table(serverCertificates);
    if (name !== before.name) table.delete(before, before.name);
    table.put({ ...before, name, path, arn });
    return {};
  },
});

export const deleteServerCertificate = write<Iam.DeleteServerCertificateRequest, Nothing>({
  action: "iam:DeleteServerCertificate",
  resources: certificateArns,
  accepts: { ServerCertificateName: true },
  run(context, input) {
    const certificate = requireCertificate(context, input);
    context.tx.table(serverCertificates).delete(certificate, certificate.name);
    return {};
  },
});

export const tagServerCertificate = write<Iam.TagServerCertificateRequest, Nothing>({
  action: "iam:TagServerCertificate",
  resources: certificateArns,
  accepts: { ServerCertificateName: true, Tags: true },
  run(context, input) {
    const certificate = requireCertificate(context, input);
    context.tx.table(serverCertificates).put(withTags(certificate, input));
    return {};
  },
});

export const untagServerCertificate = write<Iam.UntagServerCertificateRequest, Nothing>({
  action: "iam:UntagServerCertificate",
  resources: certificateArns,
  accepts: { ServerCertificateName: true, TagKeys: true },
  run(context, input) {
    const certificate = requireCertificate(context, input);
    context.tx.table(serverCertificates).put(withoutTags(certificate, input));
    return {};
  },
});

export const listServerCertificateTags = read<
  Iam.ListServerCertificateTagsRequest,
  Iam.ListServerCertificateTagsResponse
>({
  action: "iam:ListServerCertificateTags",
  resources: certificateArns,
  accepts: { ServerCertificateName: true, Marker: true, MaxItems: true },
  run: (context, input) =>
    listTags("ListServerCertificateTags", requireCertificate(context, input), input),
});

const toMetadata = (certificate: ServerCertificate): Iam.ServerCertificateMetadata => ({
  Path: certificate.path,
  ServerCertificateName: certificate.name,
  ServerCertificateId: certificate.id,
  Arn: certificate.arn,
  UploadDate: new Date(certificate.createdAt),
  Expiration: new Date(certificate.expiresAt),
});
