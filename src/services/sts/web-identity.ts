/**
 * AssumeRoleWithWebIdentity. Everything that can be judged without the provider is: the token's form,
 * its issuer, audience and end. Its signature is not, because the engine does not call out to identity
 * providers for their keys; so no token is ever believed, and the answer is AWS's for a provider that
 * cannot be reached.
 */
import type {
  AssumeRoleWithWebIdentityRequest,
  AssumeRoleWithWebIdentityResponse,
} from "@aws-sdk/client-sts";
import { type ReadContext, read } from "../../gateway/service.ts";
import { parseArn } from "../../model/arn.ts";
import { globalRegion } from "../../model/scope.ts";
import { oidcProviders } from "../../state/tables/iam.ts";
import { expiredToken, invalidIdentityToken } from "./errors.ts";
import { checkAssumption } from "./validate.ts";

export const assumeRoleWithWebIdentity = read<
  AssumeRoleWithWebIdentityRequest,
  AssumeRoleWithWebIdentityResponse
>({
  action: "sts:AssumeRoleWithWebIdentity",
  resources: ({ RoleArn }) => [RoleArn ?? "*"],
  accepts: { RoleArn: true, RoleSessionName: true, WebIdentityToken: true, DurationSeconds: true },
  authorization: "anonymous",
  run(context, input) {
    checkAssumption(input);
    checkToken(context, input);
    throw invalidIdentityToken(
      "Couldn't retrieve verification key from your identity provider,  please reference " +
        "AssumeRoleWithWebIdentity documentation for requirements",
    );
  },
});

function checkToken(
  { tx, wall }: ReadContext,
  { RoleArn = "", WebIdentityToken = "" }: AssumeRoleWithWebIdentityRequest,
): void {
  const claims = readClaims(WebIdentityToken);
  if (!claims) {
    throw invalidIdentityToken(
      "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    );
  }
  const { iss, aud, exp } = claims;
  const scope = { account: parseArn(RoleArn)?.account ?? "", region: globalRegion };
  const url = String(iss).replace(/^https:\/\//, "");
  const provider = tx
    .table(oidcProviders)
    .list(scope)
    .find((one) => one.url === url);
  if (!provider) {
    throw invalidIdentityToken(`No OpenIDConnect provider found in your account for ${iss}`);
  }
  const audiences = [aud].flat().map(String);
  if (!provider.clientIds.some((id) => audiences.includes(id))) {
    throw invalidIdentityToken("Incorrect token audience");
  }
  const end = Number(exp) * 1000;
  if (end > wall) return;
  const [now, then] = [wall, end || 0].map((time) => new Date(time).toISOString());
  throw expiredToken(
    `Token expired: current date/time ${now} must be before the expiration date/time ${then}`,
  );
}

type Claims = { readonly iss?: unknown; readonly aud?: unknown; readonly exp?: unknown };

function readClaims(token: string): Claims | undefined {
  const [header, payload, signature, ...more] = token.split(".");
  if (!header || !payload || !signature || more.length > 0) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null ? claims : undefined;
  } catch {
    return undefined;
  }
}
