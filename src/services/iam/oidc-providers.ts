/** Identity providers that speak OpenID Connect. */
import type * as Iam from "@aws-sdk/client-iam";
import { read, type WriteContext, write } from "../../gateway/service.ts";
import type { OidcProvider } from "../../model/iam.ts";
import { oidcProviders } from "../../state/tables/iam.ts";
import {
  alreadyExists,
  constraintError,
  invalidInput,
  limitExceeded,
  providerNotFound,
  validationError,
} from "./errors.ts";
import { globalScope, iamArn, type Place } from "./lookup.ts";
import { listTags, toTagViews, withoutTags, withTags } from "./tags.ts";
import { toTags, validateLength } from "./validate.ts";

type Nothing = Record<string, never>;
type ByArn = { readonly OpenIDConnectProviderArn: string | undefined };

const mostClients = 100;
const mostThumbprints = 5;

const providerArns = ({ OpenIDConnectProviderArn: arn = "*" }: ByArn): string[] => [arn];

export const createOidcProvider = write<
  Iam.CreateOpenIDConnectProviderRequest,
  Iam.CreateOpenIDConnectProviderResponse
>({
  action: "iam:CreateOpenIDConnectProvider",
  resources: ({ Url = "*" }, { scope }) => [
    iamArn(scope.account, `oidc-provider/${Url.replace(/^https?:\/\//, "")}`),
  ],
  accepts: { Url: true, ClientIDList: true, ThumbprintList: true, Tags: true },
  run(context, input) {
    const scope = globalScope(context);
    const url = validateUrl(input.Url);
    const provider: OidcProvider = {
      ...scope,
      arn: iamArn(scope.account, `oidc-provider/${url}`),
      url,
      clientIds: validateClients(input.ClientIDList ?? []),
      thumbprints: validateThumbprints(input.ThumbprintList ?? []),
      createdAt: context.now,
      tags: toTags(input.Tags),
    };
    const table = context.tx.table(oidcProviders);
    if (table.get(scope, provider.arn)) {
      throw alreadyExists(`Provider with url https://${url} already exists.`);
    }
    table.put(provider);
    return { OpenIDConnectProviderArn: provider.arn, Tags: toTagViews(provider.tags) };
  },
});

/**
 * Host and path of an `https` URL without query, fragment or port. Of a provider on this machine, which
 * AWS could not have, `http` and a port are taken, too.
 */
function validateUrl(given: string | undefined): string {
  const text = validateLength(given ?? "", "url", 1, 255);
  const url = (anywhere.exec(text) ?? onThisMachine.exec(text))?.[1];
  if (url === undefined) throw validationError("Invalid Open ID Connect Provider URL");
  return url.replace(/\/+$/, "");
}

const anywhere = /^https:\/\/([\w-]+(?:\.[\w-]+)+(?:\/[\w./~-]*)?)$/;
const onThisMachine =
  /^https?:\/\/((?:localhost|[\w-]+(?:\.[\w-]+)*\.localhost|127(?:\.\d{1,3}){3})(?::\d{1,5})?(?:\/[\w./~-]*)?)$/;

function validateClients(ids: readonly string[]): string[] {
  ids.forEach((id, at) => {
    validateLength(id, `clientIDList.${at + 1}.member`, 1, 255);
  });
  if (ids.length > mostClients) {
    throw limitExceeded(
      `Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: ${mostClients}`,
    );
  }
  return [...new Set(ids)];
}

function validateThumbprints(thumbprints: readonly string[]): string[] {
  if (thumbprints.length > mostThumbprints) {
    throw invalidInput(`Thumbprint list must contain fewer than ${mostThumbprints} entries.`);
  }
  thumbprints.forEach((thumbprint, at) => {
    if (/^[0-9a-f]{40}$/i.test(thumbprint)) return;
    throw constraintError(`thumbprintList.${at + 1}.member`, thumbprint, "40 hexadecimal digits");
  });
  return thumbprints.map((thumbprint) => thumbprint.toLowerCase());
}

function requireProvider(context: Place, { OpenIDConnectProviderArn: arn = "" }: ByArn) {
  const provider = context.tx.table(oidcProviders).get(globalScope(context), arn);
  if (!provider) throw providerNotFound(arn);
  return provider;
}

export const getOidcProvider = read<
  Iam.GetOpenIDConnectProviderRequest,
  Iam.GetOpenIDConnectProviderResponse
>({
  action: "iam:GetOpenIDConnectProvider",
  resources: providerArns,
  accepts: { OpenIDConnectProviderArn: true },
  run(context, input) {
    const provider = requireProvider(context, input);
    return {
      Url: provider.url,
      ClientIDList: [...provider.clientIds],
      ThumbprintList: [...provider.thumbprints],
      CreateDate: new Date(provider.createdAt),
      Tags: toTagViews(provider.tags),
    };
  },
});

export const listOidcProviders = read<
  Iam.ListOpenIDConnectProvidersRequest,
  Iam.ListOpenIDConnectProvidersResponse
>({
  action: "iam:ListOpenIDConnectProviders",
  resources: (_, { scope }) => [iamArn(scope.account, "oidc-provider/*")],
  accepts: {},
  run(context) {
    const all = context.tx.table(oidcProviders).list(globalScope(context));
    return { OpenIDConnectProviderList: all.map(({ arn }) => ({ Arn: arn })) };
  },
});

/** Deleting one that is not there is no error. */
export const deleteOidcProvider = write<Iam.DeleteOpenIDConnectProviderRequest, Nothing>({
  action: "iam:DeleteOpenIDConnectProvider",
  resources: providerArns,
  accepts: { OpenIDConnectProviderArn: true },
  run(context, { OpenIDConnectProviderArn: arn = "" }) {
    // One that is not there (any more) is no mistake, but what is none at all is.
    if (!/^arn:[^:]+:iam::\d{12}:oidc-provider\/./.test(arn))
      throw invalidInput(`ARN ${arn} is not valid.`);
    context.tx.table(oidcProviders).delete(globalScope(context), arn);
    return {};
  },
});

const change = (
  context: WriteContext,
  input: ByArn,
  to: (provider: OidcProvider) => OidcProvider,
): Nothing => {
  context.tx.table(oidcProviders).put(to(requireProvider(context, input)));
  return {};
};

export const addOidcClient = write<Iam.AddClientIDToOpenIDConnectProviderRequest, Nothing>({
  action: "iam:AddClientIDToOpenIDConnectProvider",
  resources: providerArns,
  accepts: { OpenIDConnectProviderArn: true, ClientID: true },
  run: (context, input) =>
    change(context, input, (provider) => ({
      ...provider,
      clientIds: validateClients([...provider.clientIds, input.ClientID ?? ""]),
    })),
});

export const removeOidcClient = write<Iam.RemoveClientIDFromOpenIDConnectProviderRequest, Nothing>({
  action: "iam:RemoveClientIDFromOpenIDConnectProvider",
  resources: providerArns,
  accepts: { OpenIDConnectProviderArn: true, ClientID: true },
  run: (context, input) =>
    change(context, input, (provider) => ({
      ...provider,
      clientIds: provider.clientIds.filter((id) => id !== input.ClientID),
    })),
});

export const updateOidcThumbprints = write<
  Iam.UpdateOpenIDConnectProviderThumbprintRequest,
  Nothing
>({
  action: "iam:UpdateOpenIDConnectProviderThumbprint",
  resources: providerArns,
  accepts: { OpenIDConnectProviderArn: true, ThumbprintList: true },
  run: (context, input) =>
    change(context, input, (provider) => ({
      ...provider,
      thumbprints: validateThumbprints(input.ThumbprintList ?? []),
    })),
});

export const tagOidcProvider = write<Iam.TagOpenIDConnectProviderRequest, Nothing>({
  action: "iam:TagOpenIDConnectProvider",
  resources: providerArns,
  accepts: { OpenIDConnectProviderArn: true, Tags: true },
  run: (context, input) => change(context, input, (provider) => withTags(provider, input)),
});

export const untagOidcProvider = write<Iam.UntagOpenIDConnectProviderRequest, Nothing>({
  action: "iam:UntagOpenIDConnectProvider",
  resources: providerArns,
  accepts: { OpenIDConnectProviderArn: true, TagKeys: true },
  run: (context, input) => change(context, input, (provider) => withoutTags(provider, input)),
});

export const listOidcProviderTags = read<
  Iam.ListOpenIDConnectProviderTagsRequest,
  Iam.ListOpenIDConnectProviderTagsResponse
>({
  action: "iam:ListOpenIDConnectProviderTags",
  resources: providerArns,
  accepts: { OpenIDConnectProviderArn: true, Marker: true, MaxItems: true },
  run: (context, input) =>
    listTags("ListOpenIDConnectProviderTags", requireProvider(context, input), input),
});
