/** AWS STS: who is calling, and credentials that end. */
import type { ServiceModule } from "../../gateway/service.ts";
import { type FetchDocument, fetchDocument } from "../../seams/documents.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { assumeRole } from "./assume-role.ts";
import { decodeAuthorizationMessage } from "./authorization-message.ts";
import { getFederationToken } from "./federation-token.ts";
import { getAccessKeyInfo, getCallerIdentity } from "./identity.ts";
import { getSessionToken } from "./session-token.ts";
import { assumeRoleWithWebIdentity } from "./web-identity.ts";

export type StsDependencies = {
  readonly sealing: Sealing;
  /** Reaches identity providers. */
  readonly fetchDocument?: FetchDocument;
};

export function stsService({ sealing, ...ports }: StsDependencies): ServiceModule {
  const tools = { sealing, fetchDocument: ports.fetchDocument ?? fetchDocument };
  return {
    name: "sts",
    operations: {
      AssumeRole: assumeRole(sealing),
      AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity(tools),
      DecodeAuthorizationMessage: decodeAuthorizationMessage(sealing),
      GetAccessKeyInfo: getAccessKeyInfo,
      GetCallerIdentity: getCallerIdentity,
      GetFederationToken: getFederationToken(sealing),
      GetSessionToken: getSessionToken(sealing),
    },
  };
}
