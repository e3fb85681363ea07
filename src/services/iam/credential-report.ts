/**
 * The report of an account's credentials. It is written when it is asked for, and AWS writes another
 * one after four hours at the earliest; until then everybody gets the same.
 */
import type * as Iam from "@aws-sdk/client-iam";
import { ApiError } from "../../gateway/api-error.ts";
import { read, write } from "../../gateway/service.ts";
import type { AccessKey, SigningCertificate, User } from "../../model/iam.ts";
import {
  accessKeys,
  credentialReports,
  mfaDevices,
  signingCertificates,
  users,
} from "../../state/tables/iam.ts";
import { settingsOf } from "./account-settings.ts";
import { globalScope, iamArn, type Place } from "./lookup.ts";

type Nothing = Record<string, never>;

const lifetimeMs = 4 * 3_600_000;
const dayMs = 86_400_000;

export const generateCredentialReport = write<Nothing, Iam.GenerateCredentialReportResponse>({
  action: "iam:GenerateCredentialReport",
  resources: () => ["*"],
  accepts: {},
  run(context) {
    const table = context.tx.table(credentialReports);
    const scope = globalScope(context);
    const last = table.get(scope, "report");
    if (last && context.now - last.generatedAt < lifetimeMs) return { State: "COMPLETE" };
    table.put({ ...scope, generatedAt: context.now, content: writeReport(context) });
    return {
      State: "STARTED",
      Description: "No report exists. Starting a new report generation task",
    };
  },
});

export const getCredentialReport = read<Nothing, Iam.GetCredentialReportResponse>({
  action: "iam:GetCredentialReport",
  resources: () => ["*"],
  accepts: {},
  run(context) {
    const report = context.tx.table(credentialReports).get(globalScope(context), "report");
    if (!report) throw gone("ReportNotPresent", "Report is not present, please generate one");
    if (context.now - report.generatedAt >= lifetimeMs) {
      throw gone("ReportExpired", "Report is expired, please generate a new one");
    }
    return {
      Content: new TextEncoder().encode(report.content),
      ReportFormat: "text/csv",
      GeneratedTime: new Date(report.generatedAt),
    };
  },
});

const gone = (code: string, message: string): ApiError =>
  new ApiError(code, message, { status: 410 });

const columns = [
  ...["user", "arn", "user_creation_time"],
  ...["enabled", "last_used", "last_changed", "next_rotation"].map((name) => `password_${name}`),
  "mfa_active",
  ...["1", "2"].flatMap((at) =>
    ["active", "last_rotated", "last_used_date", "last_used_region", "last_used_service"].map(
      (name) => `access_key_${at}_${name}`,
    ),
  ),
  ...["1", "2"].flatMap((at) => [`cert_${at}_active`, `cert_${at}_last_rotated`]),
];

function writeReport(place: Place): string {
  const all = place.tx.table(users).list(globalScope(place));
  const rows = [rootRow(place), ...all.map((user) => userRow(place, user))];
  return [columns, ...rows].map((row) => row.join(",")).join("\n");
}

const unsupported = "not_supported";
const unknown = "no_information";
const none = "N/A";

/** The root's password and its keys are not issued here. */
const rootRow = ({ scope }: Place): readonly string[] => [
  "<root_account>",
  iamArn(scope.account, "root"),
  toTime(0),
  ...[unsupported, unknown, unsupported, unsupported],
  "false",
  ...keyCells(undefined),
  ...keyCells(undefined),
  ...certificateCells(undefined),
  ...certificateCells(undefined),
];

function userRow(place: Place, user: User): readonly string[] {
  const { tx } = place;
  const [key1, key2] = byAge(tx.table(accessKeys).by("user", user, user.id));
  const [first, second] = byAge(tx.table(signingCertificates).by("user", user, user.id));
  return [
    user.name,
    user.arn,
    toTime(user.createdAt),
    ...passwordCells(place, user),
    String(tx.table(mfaDevices).by("user", user, user.id).length > 0),
    ...keyCells(key1),
    ...keyCells(key2),
    ...certificateCells(first),
    ...certificateCells(second),
  ];
}

/** Nobody signs in with a password here, so that none was used as far as is known. */
function passwordCells(place: Place, { loginProfile }: User): readonly string[] {
  if (!loginProfile) return ["false", none, none, none];
  const changedAt = loginProfile.passwordChangedAt ?? loginProfile.createdAt;
  const maxAge = settingsOf(place)?.passwordPolicy?.maxAge;
  const next = maxAge ? toTime(changedAt + maxAge * dayMs) : none;
  return ["true", unknown, toTime(changedAt), next];
}

function keyCells(key: AccessKey | undefined): readonly string[] {
  if (!key) return ["false", none, none, none, none];
  const { isActive, createdAt, lastUse } = key;
  const use = lastUse ? [toTime(lastUse.at), lastUse.region, lastUse.service] : [none, none, none];
  return [String(isActive), toTime(createdAt), ...use];
}

const certificateCells = (certificate: SigningCertificate | undefined): readonly string[] =>
  certificate ? [String(certificate.isActive), toTime(certificate.createdAt)] : ["false", none];

const byAge = <Item extends { readonly createdAt: number; readonly id: string }>(
  items: readonly Item[],
): readonly Item[] => items.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));

/** ISO 8601 to the second. */
const toTime = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, "+00:00");
