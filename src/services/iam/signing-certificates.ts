/** X.509 certificates that users sign with. */
import type * as Iam from "@aws-sdk/client-iam";
import { ApiError } from "../../gateway/api-error.ts";
import { read, type WriteContext, write } from "../../gateway/service.ts";
import type { SigningCertificate, User } from "../../model/iam.ts";
import { iamAlphabet } from "../../seams/ids.ts";
import { signingCertificates } from "../../state/tables/iam.ts";
import { parseCertificate } from "./certificates.ts";
import { quotaExceeded, signingCertificateNotFound } from "./errors.ts";
import { requireUserOrCaller, userArns } from "./lookup.ts";
import { pageOf } from "./paging.ts";
import { validateChoice } from "./validate.ts";

type Nothing = Record<string, never>;

const mostOfUser = 2;

export const uploadSigningCertificate = write<
  Iam.UploadSigningCertificateRequest,
  Iam.UploadSigningCertificateResponse
>({
  action: "iam:UploadSigningCertificate",
  resources: userArns,
  accepts: { UserName: true, CertificateBody: true },
  run(context, input) {
    const user = requireUserOrCaller(context, input.UserName);
    const body = input.CertificateBody ?? "";
    const fingerprint = checkBody(context, body);
    const table = context.tx.table(signingCertificates);
    if (table.list(user).some((other) => other.fingerprint === fingerprint)) {
      throw new ApiError("DuplicateCertificate", "The certificate is already in use.", {
        status: 409,
      });
    }
    if (table.by("user", user, user.id).length >= mostOfUser) {
      throw quotaExceeded("CertificatesPerUser", mostOfUser);
    }
    const certificate: SigningCertificate = {
      account: user.account,
      region: user.region,
      id: context.ids.pick(iamAlphabet, 32),
      userId: user.id,
      isActive: true,
      createdAt: context.now,
      body,
      fingerprint,
    };
    table.put(certificate);
    return { Certificate: toView(user)(certificate) };
  },
});

/** The certificate's fingerprint; one that has ended or not begun is refused. */
function checkBody({ wall }: WriteContext, body: string): string {
  const certificate = parseCertificate(body);
  const isValid =
    certificate.validFromDate.getTime() <= wall && wall < certificate.validToDate.getTime();
  if (!isValid) throw new ApiError("InvalidCertificate", "The certificate is not valid now.");
  return certificate.fingerprint256;
}

type Named = {
  readonly UserName?: string | undefined;
  readonly CertificateId: string | undefined;
};

function requireCertificate(context: WriteContext, { UserName, CertificateId: id = "" }: Named) {
  const user = requireUserOrCaller(context, UserName);
  const certificate = context.tx.table(signingCertificates).get(user, id);
  if (certificate?.userId !== user.id) throw signingCertificateNotFound(id);
  return certificate;
}

export const updateSigningCertificate = write<Iam.UpdateSigningCertificateRequest, Nothing>({
  action: "iam:UpdateSigningCertificate",
  resources: userArns,
  accepts: { UserName: true, CertificateId: true, Status: true },
  run(context, input) {
    const status = validateChoice(input.Status, "status", ["Active", "Inactive"]);
    const certificate = requireCertificate(context, input);
    context.tx.table(signingCertificates).put({ ...certificate, isActive: status === "Active" });
    return {};
  },
});

export const deleteSigningCertificate = write<Iam.DeleteSigningCertificateRequest, Nothing>({
  action: "iam:DeleteSigningCertificate",
  resources: userArns,
  accepts: { UserName: true, CertificateId: true },
  run(context, input) {
    const certificate = requireCertificate(context, input);
    context.tx.table(signingCertificates).delete(certificate, certificate.id);
    return {};
  },
});

export const listSigningCertificates = read<
  Iam.ListSigningCertificatesRequest,
  Iam.ListSigningCertificatesResponse
>({
  action: "iam:ListSigningCertificates",
  resources: userArns,
  accepts: { UserName: true, Marker: true, MaxItems: true },
  run(context, input) {
    const user = requireUserOrCaller(context, input.UserName);
    const all = context.tx.table(signingCertificates).by("user", user, user.id);
    const { items, rest } = pageOf("ListSigningCertificates", all, ({ id }) => id, input);
    return { Certificates: items.map(toView(user)), ...rest };
  },
});

const toView =
  (user: User) =>
  (certificate: SigningCertificate): Iam.SigningCertificate => ({
    UserName: user.name,
    CertificateId: certificate.id,
    CertificateBody: certificate.body,
    Status: certificate.isActive ? "Active" : "Inactive",
    UploadDate: new Date(certificate.createdAt),
  });
