/**
 * What IAM does for a whole organization. An account here belongs to none, which AWS tells who asks.
 * Error: OrganizationNotFoundException.
 */
import type * as Iam from "@aws-sdk/client-iam";
import { ApiError } from "../../gateway/api-error.ts";
import { read } from "../../gateway/service.ts";

const refuse = (): never => {
  throw new ApiError(
    "OrganizationNotFoundException",
    "The request was rejected because no organization is associated with your account.",
  );
};

export const listOrganizationsFeatures = read<
  Iam.ListOrganizationsFeaturesRequest,
  Iam.ListOrganizationsFeaturesResponse
>({ action: "iam:ListOrganizationsFeatures", resources: () => ["*"], accepts: {}, run: refuse });

export const enableOrganizationsRootCredentialsManagement = read<
  Iam.EnableOrganizationsRootCredentialsManagementRequest,
  Iam.EnableOrganizationsRootCredentialsManagementResponse
>({
  action: "iam:EnableOrganizationsRootCredentialsManagement",
  resources: () => ["*"],
  accepts: {},
  run: refuse,
});

export const disableOrganizationsRootCredentialsManagement = read<
  Iam.DisableOrganizationsRootCredentialsManagementRequest,
  Iam.DisableOrganizationsRootCredentialsManagementResponse
>({
  action: "iam:DisableOrganizationsRootCredentialsManagement",
  resources: () => ["*"],
  accepts: {},
  run: refuse,
});

export const enableOrganizationsRootSessions = read<
  Iam.EnableOrganizationsRootSessionsRequest,
  Iam.EnableOrganizationsRootSessionsResponse
>({
  action: "iam:EnableOrganizationsRootSessions",
  resources: () => ["*"],
  accepts: {},
  run: refuse,
});

export const disableOrganizationsRootSessions = read<
  Iam.DisableOrganizationsRootSessionsRequest,
  Iam.DisableOrganizationsRootSessionsResponse
>({
  action: "iam:DisableOrganizationsRootSessions",
  resources: () => ["*"],
  accepts: {},
  run: refuse,
});
