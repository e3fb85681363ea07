/** Tables of IAM. All records are of `globalRegion`. */
import type { ManagedPolicy, Role } from "../../model/iam.ts";
import { defineTable } from "../table.ts";

export const roles = defineTable<Role, "policy">({
  name: "roles",
  key: (role) => role.name,
  indexes: { policy: (role) => role.attachedPolicyArns },
});

/** The account's own policies; AWS's are in `model/aws-managed-policies.ts`. */
export const managedPolicies = defineTable<ManagedPolicy>({
  name: "managed-policies",
  key: (policy) => policy.arn,
});
