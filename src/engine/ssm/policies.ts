/** Parameter policies: read from their JSON, and when each of them acts. */
import type { ParameterPolicy } from "../../model/ssm.ts";

export type PolicyRefusal = {
  readonly type: "invalid-type" | "invalid-attribute" | "incompatible" | "limit";
  readonly message: string;
};

export type ReadPolicies =
  | { readonly type: "policies"; readonly policies: readonly ParameterPolicy[] }
  | { readonly type: "refused"; readonly refusal: PolicyRefusal };

const most = 10;
const hourMs = 3_600_000;
const units: Readonly<Record<string, number>> = { Hours: hourMs, Days: 24 * hourMs };

type Json = Readonly<Record<string, unknown>>;

/** Reads a list of policies, as JSON. An empty object, alone or in a list, means none. */
export function readPolicies(text: string, now: number): ReadPolicies {
  const refuse = (type: PolicyRefusal["type"], message: string): ReadPolicies => ({
    type: "refused",
    refusal: { type, message },
  });
  const list = parseList(text);
  if (!list) return refuse("invalid-attribute", "Policies must be a JSON array of policy objects");
  if (list.length > most) {
    return refuse("limit", `A parameter can have no more than ${most} policies`);
  }
  const policies: ParameterPolicy[] = [];
  const expiration = list.find((one) => one["Type"] === "Expiration");
  const expiresAt = expiration && timestampOf(expiration);
  for (const one of list) {
    const read = readPolicy(one, expiresAt, now);
    if ("refusal" in read) return { type: "refused", refusal: read.refusal };
    policies.push(read);
  }
  if (policies.filter(({ type }) => type === "Expiration").length > 1) {
    return refuse("incompatible", "A parameter can have only one Expiration policy");
  }
  return { type: "policies", policies };
}

/** The policies as they go on in a version made at `now`: what counts from the last change starts anew. */
export const renewPolicies = (
  policies: readonly ParameterPolicy[],
  now: number,
): readonly ParameterPolicy[] =>
  policies.map((policy) => {
    if (policy.type !== "NoChangeNotification") return policy;
    const span = spanOf(JSON.parse(policy.text) as Json, "After") ?? 0;
    return { ...policy, at: now + span, status: "Pending" };
  });

function readPolicy(
  one: Json,
  expiresAt: number | undefined,
  now: number,
): ParameterPolicy | { refusal: PolicyRefusal } {
  const text = JSON.stringify(one);
  const attribute = (message: string) => ({
    refusal: { type: "invalid-attribute", message } as const,
  });
  if (one["Version"] !== "1.0") return attribute(`Invalid policy version: ${text}`);
  switch (one["Type"]) {
    case "Expiration": {
      if (expiresAt === undefined) return attribute(`Invalid Timestamp in policy ${text}`);
      if (expiresAt <= now)
        return attribute("The Timestamp of an Expiration policy must lie ahead");
      return { type: "Expiration", text, at: expiresAt, status: "Pending" };
    }
    case "ExpirationNotification": {
      const span = spanOf(one, "Before");
      if (span === undefined) return attribute(`Invalid Before or Unit in policy ${text}`);
      if (expiresAt === undefined) {
        const message = "An ExpirationNotification policy needs an Expiration policy";
        return { refusal: { type: "incompatible", message } };
      }
      return { type: "ExpirationNotification", text, at: expiresAt - span, status: "Pending" };
    }
    case "NoChangeNotification": {
      const span = spanOf(one, "After");
      if (span === undefined) return attribute(`Invalid After or Unit in policy ${text}`);
      return { type: "NoChangeNotification", text, at: now + span, status: "Pending" };
    }
    default: {
      const message = `The policy type is not supported: ${String(one["Type"])}`;
      return { refusal: { type: "invalid-type", message } };
    }
  }
}

const attributesOf = (one: Json): Json => (isObject(one["Attributes"]) ? one["Attributes"] : {});

function timestampOf(one: Json): number | undefined {
  const at = Date.parse(String(attributesOf(one)["Timestamp"]));
  return Number.isNaN(at) ? undefined : at;
}

function spanOf(one: Json, member: string): number | undefined {
  const attributes = attributesOf(one);
  const count = String(attributes[member] ?? "");
  const unit = units[String(attributes["Unit"] ?? "Days")];
  return unit !== undefined && /^[1-9]\d{0,4}$/.test(count) ? Number(count) * unit : undefined;
}

function parseList(text: string): readonly Json[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const list = Array.isArray(value) ? value : [value];
    if (!list.every(isObject)) return undefined;
    return list.filter((one) => Object.keys(one).length > 0);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
