/** Where a resource lives. IAM's resources are global: their region is `aws-global`. */
export type Scope = { readonly account: string; readonly region: string };

export const globalRegion = "aws-global";

export type Tag = { readonly key: string; readonly value: string };
