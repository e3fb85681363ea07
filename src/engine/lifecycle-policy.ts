/**
 * Whether a text is a lifecycle policy that ECR takes. Each rule is judged by itself, then the rules
 * against each other: priorities, and no two rules for one set of tags.
 */

type Rule = {
  readonly rulePriority: number;
  readonly tagStatus: "tagged" | "untagged" | "any";
  /** The set of tags that the rule is for, comparable as text. */
  readonly tagSet: string;
};

type Json = { readonly [key: string]: unknown };

/** The reason why the text is refused, or undefined when it is good. */
export function explainInvalidLifecyclePolicy(text: string): string | undefined {
  const policy = parseObject(text);
  if (!policy) return "the text is not a JSON object";
  const extra = explainUnknownKey(policy, ["rules"], "the policy");
  if (extra) return extra;
  const rules = policy["rules"];
  if (!Array.isArray(rules) || rules.length === 0) return "'rules' must hold at least one rule";
  const read: Rule[] = [];
  for (const [at, value] of rules.entries()) {
    const rule = readRule(value);
    if (typeof rule === "string") return `rule ${at + 1}: ${rule}`;
    read.push(rule);
  }
  return explainClash(read);
}

function readRule(value: unknown): Rule | string {
  if (!isObject(value)) return "must be an object";
  const unknown = explainUnknownKey(
    value,
    ["rulePriority", "description", "selection", "action"],
    "a rule",
  );
  if (unknown) return unknown;
  const { rulePriority, description, selection, action } = value;
  if (!isPositiveInteger(rulePriority)) return "'rulePriority' must be an integer of at least 1";
  if (description !== undefined && typeof description !== "string") {
    return "'description' must be a string";
  }
  if (!isObject(selection)) return "'selection' is required";
  const bad = explainCount(selection) ?? explainAction(action, selection);
  return bad ?? readTags(rulePriority, selection);
}

function readTags(rulePriority: number, selection: Json): Rule | string {
  const { tagStatus, tagPrefixList, tagPatternList } = selection;
  if (tagStatus !== "tagged" && tagStatus !== "untagged" && tagStatus !== "any") {
    return "'tagStatus' must be one of tagged, untagged, any";
  }
  if (tagStatus !== "tagged") {
    return tagPrefixList === undefined && tagPatternList === undefined
      ? { rulePriority, tagStatus, tagSet: tagStatus }
      : `'tagStatus' ${tagStatus} takes neither 'tagPrefixList' nor 'tagPatternList'`;
  }
  if ((tagPrefixList === undefined) === (tagPatternList === undefined)) {
    return "'tagStatus' tagged needs one of 'tagPrefixList' and 'tagPatternList'";
  }
  const list = tagPrefixList ?? tagPatternList;
  if (!isTextList(list)) return "the list of tags must hold at least one string";
  const stars = (text: string): number => text.split("*").length - 1;
  if (tagPatternList !== undefined && list.some((pattern) => stars(pattern) > 4)) {
    return "a tag pattern has at most four wildcards";
  }
  const kind = tagPrefixList ? "prefix" : "pattern";
  return { rulePriority, tagStatus, tagSet: JSON.stringify([kind, ...list.toSorted()]) };
}

function explainCount(selection: Json): string | undefined {
  const { countType, countNumber, countUnit } = selection;
  const unknown = explainUnknownKey(
    selection,
    [
      "tagStatus",
      "tagPrefixList",
      "tagPatternList",
      "storageClass",
      "countType",
      "countUnit",
      "countNumber",
    ],
    "'selection'",
  );
  if (unknown) return unknown;
  if (!isPositiveInteger(countNumber)) return "'countNumber' must be an integer of at least 1";
  switch (countType) {
    case "imageCountMoreThan":
      return countUnit === undefined ? undefined : "imageCountMoreThan takes no 'countUnit'";
    case "sinceImagePushed":
    case "sinceImagePulled":
    case "sinceImageTransitioned":
      return countUnit === "days" ? undefined : `${countType} needs 'countUnit' days`;
    default:
      return (
        "'countType' must be one of imageCountMoreThan, sinceImagePushed, sinceImagePulled, " +
        "sinceImageTransitioned"
      );
  }
}

function explainAction(action: unknown, selection: Json): string | undefined {
  if (!isObject(action)) return "'action' is required";
  const unknown = explainUnknownKey(action, ["type", "targetStorageClass"], "'action'");
  if (unknown) return unknown;
  switch (action["type"]) {
    case "expire":
      if (action["targetStorageClass"] !== undefined) return "expire takes no 'targetStorageClass'";
      return selection["countType"] === "sinceImagePulled"
        ? "sinceImagePulled goes with the action transition"
        : undefined;
    case "transition":
      return action["targetStorageClass"] === "archive"
        ? undefined
        : "transition needs 'targetStorageClass' archive";
    default:
      return "the action's 'type' must be one of expire, transition";
  }
}

function explainClash(rules: readonly Rule[]): string | undefined {
  const priorities = rules.map((rule) => rule.rulePriority);
  if (new Set(priorities).size < rules.length) return "'rulePriority' must be unique";
  if (new Set(rules.map((rule) => rule.tagSet)).size < rules.length) {
    return "two rules are for the same set of tags";
  }
  const any = rules.find((rule) => rule.tagStatus === "any");
  return any && any.rulePriority < Math.max(...priorities)
    ? "the rule with 'tagStatus' any must have the highest 'rulePriority'"
    : undefined;
}

function explainUnknownKey(
  value: Json,
  known: readonly string[],
  where: string,
): string | undefined {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  return unknown === undefined ? undefined : `${where} has an unknown member '${unknown}'`;
}

function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isPositiveInteger = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 1;

const isTextList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((text) => typeof text === "string" && text !== "");
