/** The form of the ARNs that a policy of an identity is about, in IAM's words where it is broken. */

/** Whether an ARN is one that not even IAM's older reader could take apart. */
export function isBeyondReading(resource: string): boolean {
  const [, partition, service, ...rest] = partsOf(resource);
  if (partition !== "aws" || service === undefined) return false;
  return (service === "" && rest.length > 0) || rest.length === 2;
}

/** What is wrong with a resource, or undefined. */
export function explainResource(resource: string): string | undefined {
  if (resource.startsWith("*")) return undefined;
  const parts = partsOf(resource);
  const [, partition = "", service, region = "", , path = "*"] = parts;
  if (parts.length === 1) return `Resource ${resource} must be in ARN format or "*".`;
  if (partition !== "aws" && !isPattern(partition)) {
    // However it began, IAM names it as an ARN, and fills what is missing.
    const filled = ["arn", ...parts.slice(1), ...missing.slice(parts.length)].join(":");
    return `Partition "${partition}" is not valid for resource "${filled}".`;
  }
  if (service === undefined || isPattern(service)) {
    return "Resource vendor must be fully qualified and cannot contain regexes.";
  }
  const isGlobal = region === "" || isPattern(region);
  if (service === "iam") return explainIamResource(resource, isGlobal, path);
  if (service === "s3" && !isGlobal && !path.startsWith("accesspoint")) {
    return `Resource ${resource} can not contain region information.`;
  }
  return undefined;
}

const missing = ["arn", "*", "*", "*", "*", "*"];

const iamKinds = [
  "user",
  "federated-user",
  "role",
  "group",
  "instance-profile",
  "mfa",
  "server-certificate",
  "policy",
  "sms-mfa",
  "saml-provider",
  "oidc-provider",
  "report",
  "access-report",
].map((kind) => `${kind}/`);

function explainIamResource(resource: string, isGlobal: boolean, path: string): string | undefined {
  if (!isGlobal) return `IAM resource ${resource} cannot contain region information.`;
  if (isPattern(path.charAt(0)) || iamKinds.some((kind) => path.startsWith(kind))) return undefined;
  return `IAM resource path must either be "*" or start with ${iamKinds.join(", ")}.`;
}

/** A variable may have a colon in its name. */
const partsOf = (resource: string): readonly string[] =>
  resource.replace(/\$\{[^}]*\}/g, "$").split(":");

const isPattern = (text: string): boolean => /[*?$]/.test(text);
