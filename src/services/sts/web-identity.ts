/**
 * AssumeRoleWithWebIdentity: a token of an OpenID Connect provider of the account takes the place of a
 * caller. The provider's keys are fetched from where its URL says; for one that runs on this machine that
 * may be plain HTTP and any port, where AWS wants HTTPS.
 */
import type {
  AssumeRoleWithWebIdentityRequest,
  AssumeRoleWithWebIdentityResponse,
} from "@aws-sdk/client-sts";
import { type LiveContext, type LiveOperation, live } from "../../gateway/service.ts";
import { parseArn } from "../../model/arn.ts";
import type { OidcProvider, Role } from "../../model/iam.ts";
import { globalRegion } from "../../model/scope.ts";
import type { FetchDocument } from "../../seams/documents.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { type Access, findRole, judge, sessionArn } from "../../state/authorization.ts";
import { issueSession } from "../../state/sessions.ts";
import { oidcProviders } from "../../state/tables/iam.ts";
import { readDuration } from "./duration.ts";
import { accessDenied, expiredToken, invalidIdentityToken } from "./errors.ts";
import {
  type Claims,
  type IdentityToken,
  isSignedBy,
  readIdentityToken,
  type SessionClaims,
  sessionClaims,
} from "./identity-token.ts";
import { createProviderKeys, isFetchable } from "./provider-keys.ts";
import { checkPolicies, packedSize } from "./session-policies.ts";
import { accountOfRole, checkAssumption } from "./validate.ts";
import { toCredentials } from "./views.ts";

type Tools = { readonly sealing: Sealing; readonly fetchDocument: FetchDocument };

export function assumeRoleWithWebIdentity({
  sealing,
  fetchDocument,
}: Tools): LiveOperation<AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse> {
  const providerKeys = createProviderKeys(fetchDocument);
  return live<AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse>({
    action: "sts:AssumeRoleWithWebIdentity",
    resources: ({ RoleArn }) => [RoleArn ?? "*"],
    accepts: {
      RoleArn: true,
      RoleSessionName: true,
      WebIdentityToken: true,
      DurationSeconds: true,
      Policy: true,
      PolicyArns: { arn: true },
    },
    authorization: "anonymous",
    async run(context, input) {
      checkAssumption(input);
      const token = requireToken(input.WebIdentityToken);
      const provider = requireProvider(context, input, token.claims);
      checkClaims(provider, token.claims, context.wall);
      const keys = await providerKeys.find(String(token.claims["iss"]), token, context.wall);
      if (!isSignedBy(token, keys)) throw invalidIdentityToken("Token signature is not valid");
      return assume(context, input, provider, token.claims, sealing);
    },
  });
}

function requireToken(text = ""): IdentityToken {
  const token = readIdentityToken(text);
  if (token) return token;
  throw invalidIdentityToken(
    "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
  );
}

function requireProvider(
  context: LiveContext,
  { RoleArn = "" }: AssumeRoleWithWebIdentityRequest,
  { iss }: Claims,
): OidcProvider {
  const scope = { account: parseArn(RoleArn)?.account ?? "", region: globalRegion };
  const issuer = String(iss);
  const url = issuer.replace(/^https?:\/\//, "").replace(/\/$/, "");
  const known = context.read((tx) => tx.table(oidcProviders).list(scope));
  const provider = isFetchable(issuer) ? known.find((one) => one.url === url) : undefined;
  if (provider) return provider;
  throw invalidIdentityToken(`No OpenIDConnect provider found in your account for ${issuer}`);
}

const audiencesOf = ({ aud }: Claims): string[] => [aud ?? []].flat().map(String);

function checkClaims({ clientIds }: OidcProvider, claims: Claims, wall: number): void {
  const audiences = audiencesOf(claims);
  if (!clientIds.some((id) => audiences.includes(id) || claims["azp"] === id)) {
    throw invalidIdentityToken("Incorrect token audience");
  }
  if (typeof claims["sub"] !== "string" || claims["sub"] === "") {
    throw invalidIdentityToken("Missing a required claim: sub");
  }
  const end = Number(claims["exp"]) * 1000;
  if (end > wall) return;
  const [now, then] = [wall, end || 0].map((time) => new Date(time).toISOString());
  throw expiredToken(
    `Token expired: current date/time ${now} must be before the expiration date/time ${then}`,
  );
}

function assume(
  context: LiveContext,
  input: AssumeRoleWithWebIdentityRequest,
  provider: OidcProvider,
  claims: Claims,
  sealing: Sealing,
): AssumeRoleWithWebIdentityResponse {
  const given = sessionClaims(claims);
  const role = context.read((tx) => {
    checkPolicies({ ...context, tx }, accountOfRole(input), input);
    return findRole(tx, input.RoleArn ?? "");
  });
  if (!role || !isTrusted(role, provider, claims, given, input)) {
    throw accessDenied("Not authorized to perform sts:AssumeRoleWithWebIdentity");
  }
  const sessionName = input.RoleSessionName ?? "";
  const { account, name, id, arn } = role;
  const { tags, transitiveTagKeys, sourceIdentity } = given;
  const issued = issueSession(
    { sealing, ids: context.ids, wall: context.wall },
    {
      account,
      holder: { type: "role", name, id, arn, sessionName },
      ...(input.Policy !== undefined && { policies: [input.Policy] }),
      ...(input.PolicyArns && { policyArns: input.PolicyArns.flatMap((one) => one.arn ?? []) }),
      tags,
      transitiveTagKeys,
      ...(sourceIdentity !== undefined && { sourceIdentity }),
      provider: provider.arn,
    },
    readDuration(role, input.DurationSeconds),
  );
  return {
    Credentials: toCredentials(issued),
    SubjectFromWebIdentityToken: String(claims["sub"]),
    AssumedRoleUser: {
      AssumedRoleId: `${id}:${sessionName}`,
      Arn: sessionArn(account, name, sessionName),
    },
    PackedPolicySize: packedSize(input),
    Provider: provider.arn,
    Audience: String(claims["azp"] ?? audiencesOf(claims)[0]),
    SourceIdentity: sourceIdentity,
  };
}

/** Whether the role's trust policy lets in whoever the provider vouches for. */
function isTrusted(
  role: Role,
  provider: OidcProvider,
  claims: Claims,
  { tags, transitiveTagKeys, sourceIdentity }: SessionClaims,
  input: AssumeRoleWithWebIdentityRequest,
): boolean {
  const access: Access = {
    principal: { type: "federated", provider: provider.arn },
    identity: [],
    boundary: undefined,
    session: undefined,
    keys: { "aws:FederatedProvider": provider.arn },
  };
  const conditions = {
    ...claimKeys(provider.url, claims),
    "sts:RoleSessionName": input.RoleSessionName,
    "sts:SourceIdentity": sourceIdentity,
    "sts:TransitiveTagKeys": transitiveTagKeys,
    "aws:TagKeys": tags.map(({ key }) => key),
    ...Object.fromEntries(tags.map(({ key, value }) => [`aws:RequestTag/${key}`, value])),
  };
  const actions = [
    "sts:AssumeRoleWithWebIdentity",
    ...(tags.length > 0 ? ["sts:TagSession"] : []),
    ...(sourceIdentity === undefined ? [] : ["sts:SetSourceIdentity"]),
  ];
  return actions.every((action) => {
    const resourcePolicy = role.trustPolicy;
    const asked = {
      action,
      resource: role.arn,
      conditions,
      resourcePolicy,
      resourceMustAllow: true,
    };
    return judge(access, asked).type === "allowed";
  });
}

/** `<provider>:aud` and the like. Where there is an authorised party, it is who the token is for. */
function claimKeys(url: string, claims: Claims): Record<string, string | string[] | undefined> {
  const { sub, amr, azp, email } = claims;
  const audiences = audiencesOf(claims);
  return {
    [`${url}:sub`]: String(sub),
    [`${url}:aud`]: azp === undefined ? audiences : String(azp),
    [`${url}:oaud`]: azp === undefined ? undefined : audiences,
    [`${url}:amr`]: amr === undefined ? undefined : [amr].flat().map(String),
    [`${url}:email`]: email === undefined ? undefined : String(email),
  };
}
