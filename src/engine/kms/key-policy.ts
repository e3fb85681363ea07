/** The policies that keys are given when nobody gives one. */

const statementOf = (account: string) => ({
  Sid: "Enable IAM User Permissions",
  Effect: "Allow",
  Principal: { AWS: `arn:aws:iam::${account}:root` },
  Action: "kms:*",
  Resource: "*",
});

/** Leaves everything to the account's IAM policies. */
export const defaultKeyPolicy = (account: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Id: "key-default-1",
    Statement: [statementOf(account)],
  });

/** Lets everybody of the account who may use `service` use the key through it. */
export function managedKeyPolicy(account: string, region: string, service: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Id: `auto-${service}-1`,
    Statement: [
      {
        Sid: `Allow access through ${service} for all principals in the account that are authorized`,
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: [
          "kms:Encrypt",
          "kms:Decrypt",
          "kms:ReEncrypt*",
          "kms:GenerateDataKey*",
          "kms:CreateGrant",
          "kms:DescribeKey",
        ],
        Resource: "*",
        Condition: {
          StringEquals: {
            "kms:CallerAccount": account,
            "kms:ViaService": `${service}.${region}.amazonaws.com`,
          },
        },
      },
      {
        Sid: "Allow direct access to key metadata to the account",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
        Resource: "*",
      },
    ],
  });
}

/** What is wrong with a key policy, in KMS's words, or undefined. */
export function explainMalformedKeyPolicy(text: string): string | undefined {
  const statements = statementsOf(text);
  if (!statements) return "Policy document is malformed: it must be JSON with a Statement";
  for (const { Effect, Principal, NotPrincipal, Action, NotAction, Resource } of statements) {
    if (Effect !== "Allow" && Effect !== "Deny")
      return "Policy contains a statement with an invalid Effect";
    if (Principal === undefined && NotPrincipal === undefined) {
      return "Policy contains a statement with no principal";
    }
    if (Action === undefined && NotAction === undefined) {
      return "Policy contains a statement with no action";
    }
    if (Resource === undefined) return "Policy contains a statement with no resource";
    const actions = [Action ?? NotAction].flat();
    const foreign = actions.some((action) => !/^(?:\*|kms:.+)$/i.test(String(action)));
    if (foreign) return "Policy contains a statement with one or more invalid actions.";
  }
  return undefined;
}

/**
 * Why a policy could not be put right again, or undefined when it could: by the account, or by whom it is put
 * by, whose `callers` are the ARNs. Root, to whom everything is allowed, may leave it to anybody of the account.
 */
export function lockedOutText(
  text: string,
  account: string,
  callers: readonly string[],
): string | undefined {
  const root = `arn:aws:iam::${account}:root`;
  const anybody = new RegExp(`^arn:aws:(?:iam|sts)::${account}:.+$`);
  const isOwn = (principal: string): boolean =>
    ["*", account, root, ...callers].includes(principal) ||
    (callers.includes(root) && anybody.test(principal));
  const canPut = (statementsOf(text) ?? []).some(({ Effect, Principal, Action }) => {
    const actions = [Action].flat().map(String);
    return (
      Effect === "Allow" &&
      principalsOf(Principal).some(isOwn) &&
      actions.some((action) => /^(?:\*|kms:(?:\*|Put\*|PutKey\*|PutKeyPolicy))$/i.test(action))
    );
  });
  return canPut
    ? undefined
    : "The new key policy will not allow you to update the key policy in the future.";
}

type Statement = Readonly<Record<string, unknown>>;

function statementsOf(text: string): readonly Statement[] | undefined {
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document !== "object" || document === null) return undefined;
    const statements = [(document as Statement)["Statement"]].flat();
    const whole = statements.every((one) => typeof one === "object" && one !== null);
    return whole && statements.length > 0 ? (statements as Statement[]) : undefined;
  } catch {
    return undefined;
  }
}

function principalsOf(principal: unknown): string[] {
  if (typeof principal === "string") return [principal];
  if (typeof principal !== "object" || principal === null) return [];
  return [(principal as Statement)["AWS"]].flat().map(String);
}
