/** Issued credentials as answers show them. */
import type { Credentials } from "@aws-sdk/client-sts";
import type { SessionCredentials } from "../../state/sessions.ts";

export const toCredentials = (issued: SessionCredentials): Credentials => ({
  AccessKeyId: issued.accessKeyId,
  SecretAccessKey: issued.secretAccessKey,
  SessionToken: issued.sessionToken,
  Expiration: new Date(issued.expiresAt),
});
