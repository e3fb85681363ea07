/** Identity providers that speak SAML 2.0, with the metadata that describes them. */
import type * as Iam from "@aws-sdk/client-iam";
import { type RequestContext, read, type WriteContext, write } from "../../gateway/service.ts";
import type { SamlProvider } from "../../model/iam.ts";
import { iamAlphabet } from "../../seams/ids.ts";
import { samlProviders } from "../../state/tables/iam.ts";
import { alreadyExists, quotaExceeded, samlProviderNotFound } from "./errors.ts";
import { globalScope, iamArn, isTaken, type Place } from "./lookup.ts";
import { readValidity } from "./saml-metadata.ts";
import { listTags, toTagViews, withoutTags, withTags } from "./tags.ts";
import { toTags, validateName } from "./validate.ts";

type Nothing = Record<string, never>;
type ByArn = { readonly SAMLProviderArn: string | undefined };

const mostProviders = 100;

const providerArns = ({ SAMLProviderArn: arn = "*" }: ByArn): string[] => [arn];
const newProviderArns = (
  { Name = "*" }: { readonly Name: string | undefined },
  { scope }: RequestContext,
): string[] => [iamArn(scope.account, `saml-provider/${Name}`)];

export const createSamlProvider = write<
  Iam.CreateSAMLProviderRequest,
  Iam.CreateSAMLProviderResponse
>({
  action: "iam:CreateSAMLProvider",
  resources: newProviderArns,
  accepts: { SAMLMetadataDocument: true, Name: true, Tags: true },
  run(context, input) {
    const { tx, ids, now } = context;
    const scope = globalScope(context);
    const name = validateName(input.Name, "name", 128);
    const metadata = input.SAMLMetadataDocument ?? "";
    const provider: SamlProvider = {
      ...scope,
      arn: iamArn(scope.account, `saml-provider/${name}`),
      name,
      uuid: `ASP${ids.pick(iamAlphabet, 18)}`,
      metadata,
      createdAt: now,
      validUntil: readValidity(metadata, now),
      tags: toTags(input.Tags),
    };
    const others = tx.table(samlProviders).list(scope);
    if (isTaken(name, others)) throw alreadyExists(`Provider with name ${name} already exists.`);
    if (others.length >= mostProviders) {
      throw quotaExceeded("SAMLProvidersPerAccount", mostProviders);
    }
    tx.table(samlProviders).put(provider);
    return { SAMLProviderArn: provider.arn, Tags: toTagViews(provider.tags) };
  },
});

function requireProvider(context: Place, { SAMLProviderArn: arn = "" }: ByArn): SamlProvider {
  const provider = context.tx.table(samlProviders).get(globalScope(context), arn);
  if (!provider) throw samlProviderNotFound(arn);
  return provider;
}

function put(context: WriteContext, provider: SamlProvider): Nothing {
  context.tx.table(samlProviders).put(provider);
  return {};
}

export const getSamlProvider = read<Iam.GetSAMLProviderRequest, Iam.GetSAMLProviderResponse>({
  action: "iam:GetSAMLProvider",
  resources: providerArns,
  accepts: { SAMLProviderArn: true },
  run(context, input) {
    const provider = requireProvider(context, input);
    return {
      SAMLProviderUUID: provider.uuid,
      SAMLMetadataDocument: provider.metadata,
      CreateDate: new Date(provider.createdAt),
      ValidUntil: new Date(provider.validUntil),
      Tags: toTagViews(provider.tags),
    };
  },
});

export const updateSamlProvider = write<
  Iam.UpdateSAMLProviderRequest,
  Iam.UpdateSAMLProviderResponse
>({
  action: "iam:UpdateSAMLProvider",
  resources: providerArns,
  accepts: { SAMLProviderArn: true, SAMLMetadataDocument: true },
  run(context, input) {
    const provider = requireProvider(context, input);
    const metadata = input.SAMLMetadataDocument;
    if (metadata !== undefined) {
      put(context, { ...provider, metadata, validUntil: readValidity(metadata, context.now) });
    }
    return { SAMLProviderArn: provider.arn };
  },
});

export const deleteSamlProvider = write<Iam.DeleteSAMLProviderRequest, Nothing>({
  action: "iam:DeleteSAMLProvider",
  resources: providerArns,
  accepts: { SAMLProviderArn: true },
  run(context, input) {
    const provider = requireProvider(context, input);
    context.tx.table(samlProviders).delete(provider, provider.arn);
    return {};
  },
});

export const listSamlProviders = read<Nothing, Iam.ListSAMLProvidersResponse>({
  action: "iam:ListSAMLProviders",
  resources: (_, { scope }) => [iamArn(scope.account, "saml-provider/")],
  accepts: {},
  run: (context) => ({
    SAMLProviderList: context.tx
      .table(samlProviders)
      .list(globalScope(context))
      .map(({ arn, validUntil, createdAt }) => ({
        Arn: arn,
        ValidUntil: new Date(validUntil),
        CreateDate: new Date(createdAt),
      })),
  }),
});

export const tagSamlProvider = write<Iam.TagSAMLProviderRequest, Nothing>({
  action: "iam:TagSAMLProvider",
  resources: providerArns,
  accepts: { SAMLProviderArn: true, Tags: true },
  run: (context, input) => put(context, withTags(requireProvider(context, input), input)),
});

export const untagSamlProvider = write<Iam.UntagSAMLProviderRequest, Nothing>({
  action: "iam:UntagSAMLProvider",
  resources: providerArns,
  accepts: { SAMLProviderArn: true, TagKeys: true },
  run: (context, input) => put(context, withoutTags(requireProvider(context, input), input)),
});

export const listSamlProviderTags = read<
  Iam.ListSAMLProviderTagsRequest,
  Iam.ListSAMLProviderTagsResponse
>({
  action: "iam:ListSAMLProviderTags",
  resources: providerArns,
  accepts: { SAMLProviderArn: true, Marker: true, MaxItems: true },
  run: (context, input) => listTags("ListSAMLProviderTags", requireProvider(context, input), input),
});
