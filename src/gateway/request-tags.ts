/** The tags that a request gives or takes, whatever its service calls them. */
import type { ConditionValues } from "../engine/policy/condition-keys.ts";
import type { Structure } from "./protocols/protocol.ts";

/** `aws:RequestTag/<key>` for each tag given, and `aws:TagKeys`. */
export function readRequestTags(input: Structure): ConditionValues {
  const tags = tagsOf(input);
  const keys = [...tags.map(([key]) => key), ...toTexts(input["TagKeys"] ?? input["tagKeys"])];
  if (keys.length === 0) return {};
  const given = tags.map(([key, value]) => [`aws:RequestTag/${key}`, value] as const);
  return { ...Object.fromEntries(given), "aws:TagKeys": [...new Set(keys)] };
}

function tagsOf(input: Structure): (readonly [string, string])[] {
  const specifications = toObjects(input["TagSpecifications"]);
  return [input, ...specifications].flatMap(({ Tags, tags }) => readTags(Tags ?? tags));
}

/** Of a list of keys with values, or of a map. */
function readTags(value: unknown): (readonly [string, string])[] {
  if (typeof value !== "object" || value === null) return [];
  if (!Array.isArray(value)) {
    return Object.entries(value).map(([key, held]) => [key, String(held)] as const);
  }
  return toObjects(value).flatMap((tag) => {
    const key = tag["Key"] ?? tag["key"] ?? tag["TagKey"];
    const held = tag["Value"] ?? tag["value"] ?? tag["TagValue"] ?? "";
    return typeof key === "string" ? [[key, String(held)]] : [];
  });
}

const toObjects = (value: unknown): Structure[] =>
  (Array.isArray(value) ? value : []).filter((one) => typeof one === "object" && one !== null);

const toTexts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : []).filter((one) => typeof one === "string");
