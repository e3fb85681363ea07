/**
 * GetFederationToken: credentials that end for somebody whom the caller answers for. They open what both
 * the caller's policies and those given for the session allow; without any given, nothing but what a
 * resource's own policy lets the federated user do.
 */
import type { GetFederationTokenRequest, GetFederationTokenResponse } from "@aws-sdk/client-sts";
import { type ReadContext, type ReadOperation, read } from "../../gateway/service.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { federatedArn } from "../../state/authorization.ts";
import { issueSession } from "../../state/sessions.ts";
import { checkPolicies, packedSize } from "./session-policies.ts";
import { mergeSessionTags } from "./session-tags.ts";
import { sponsorOf } from "./sponsor.ts";
import { checkSessionPolicies } from "./validate.ts";
import { toCredentials } from "./views.ts";

const defaultSeconds = 43_200;

export const getFederationToken = (
  sealing: Sealing,
): ReadOperation<GetFederationTokenRequest, GetFederationTokenResponse> =>
  read<GetFederationTokenRequest, GetFederationTokenResponse>({
    action: "sts:GetFederationToken",
    resources: ({ Name }, { scope }) => [federatedArn(scope.account, Name ?? "*")],
    accepts: {
      Name: true,
      Policy: true,
      PolicyArns: { arn: true },
      DurationSeconds: true,
      Tags: true,
    },
    run(context, input) {
      const { caller, ids, wall } = context;
      const { DurationSeconds = defaultSeconds, Name: name = "" } = input;
      checkSessionPolicies(input);
      const { holder: sponsor, seconds } = sponsorOf(caller, "GetFederationToken", DurationSeconds);
      checkPolicies(context, caller.account, input);
      const { tags } = mergeSessionTags(undefined, { Tags: input.Tags });
      if (tags.length > 0) requireTagging(context, name);
      const issued = issueSession(
        { sealing, ids, wall },
        {
          account: caller.account,
          holder: { type: "federated", name, sponsor },
          ...(input.Policy !== undefined && { policies: [input.Policy] }),
          ...(input.PolicyArns && { policyArns: input.PolicyArns.flatMap(({ arn }) => arn ?? []) }),
          tags,
        },
        seconds,
      );
      return {
        Credentials: toCredentials(issued),
        FederatedUser: {
          FederatedUserId: `${caller.account}:${name}`,
          Arn: federatedArn(caller.account, name),
        },
        PackedPolicySize: packedSize(input),
      };
    },
  });

/** Tags have to be allowed by themselves. */
const requireTagging = ({ authorize, scope }: ReadContext, name: string): void =>
  authorize({ action: "sts:TagSession", resource: federatedArn(scope.account, name) });
