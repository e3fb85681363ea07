/** The value of a parameter and its tier: how long it may be, and what it must look like. */
import { compileLinearRegex, type LinearRegex } from "../../engine/linear-regex/matcher.ts";
import { RegexSyntaxError } from "../../engine/linear-regex/syntax.ts";
import { ApiError } from "../../gateway/api-error.ts";
import type { ParameterPolicy, ParameterTier, ParameterVersion } from "../../model/ssm.ts";
import { TimeLimitError, withinTime } from "../../seams/time-limit.ts";
import { validation } from "./errors.ts";

const mostBytes: Readonly<Record<ParameterTier, number>> = { Standard: 4096, Advanced: 8192 };
const dataTypes = ["text", "aws:ec2:image"];

/** The tier of a new version. Intelligent tiering takes the cheaper one that will do. */
export function chooseTier(
  asked: string | undefined,
  value: string,
  policies: readonly ParameterPolicy[],
  previous: ParameterVersion | undefined,
): ParameterTier {
  const isAdvanced = previous?.tier === "Advanced";
  if (asked === "Advanced") return "Advanced";
  if (asked === "Intelligent-Tiering") {
    const needsMore = Buffer.byteLength(value) > mostBytes.Standard || policies.length > 0;
    return isAdvanced || needsMore ? "Advanced" : "Standard";
  }
  if (isAdvanced && asked === "Standard") {
    throw validation(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.",
    );
  }
  if (isAdvanced) return "Advanced";
  if (policies.length > 0) {
    throw validation(
      "Parameter policies are only supported for parameters that use the advanced-parameter tier.",
    );
  }
  return "Standard";
}

export function checkValue({
  value,
  allowedPattern,
  dataType,
  tier,
}: Pick<ParameterVersion, "value" | "allowedPattern" | "dataType" | "tier">): void {
  if (Buffer.byteLength(value) > mostBytes[tier]) throw validation(tooLong[tier]);
  if (!dataTypes.includes(dataType)) {
    throw validation(
      `The following data type is not supported: ${dataType} (Data type names are all lowercase.)`,
    );
  }
  if (dataType === "aws:ec2:image" && !/^ami-[0-9a-f]{8,17}$/.test(value)) {
    throw validation(
      `The value is not a valid AMI ID: a parameter of data type ${dataType} holds one.`,
    );
  }
  if (allowedPattern !== undefined && !isAllowed(value, allowedPattern)) {
    throw new ApiError(
      "ParameterPatternMismatchException",
      `Parameter value, cannot be validated against allowedPattern: ${allowedPattern}`,
    );
  }
}

const tooLong: Readonly<Record<ParameterTier, string>> = {
  Standard:
    "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html",
  Advanced: "Advanced tier parameters support a maximum parameter value of 8192 characters.",
};

/** Far more than a pattern of good will needs for 8 KB. */
const patternLimitMs = 50;

/**
 * Most patterns can be matched in a time that grows with the value. Of the rest (those that look around or
 * refer back) a value that cannot be told to match in time does not.
 */
function isAllowed(value: string, pattern: string): boolean {
  const expression = parsePattern(pattern);
  const linear = toLinear(pattern);
  if (linear) return linear.test(value);
  try {
    return withinTime(patternLimitMs, () => expression.test(value));
  } catch (error) {
    if (error instanceof TimeLimitError) return false;
    throw invalidPattern(pattern);
  }
}

/** AWS's patterns are Java's: flags may stand in front, and classes of characters have no flag of their own. */
function parsePattern(pattern: string): RegExp {
  const [, flags = "", source = ""] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(pattern) ?? [];
  try {
    return new RegExp(source, /\\p\{/i.test(source) ? `${flags}u` : flags);
  } catch {
    throw invalidPattern(pattern);
  }
}

function toLinear(pattern: string): LinearRegex | undefined {
  try {
    return compileLinearRegex(pattern);
  } catch (error) {
    if (error instanceof RegexSyntaxError) return undefined;
    throw error;
  }
}

const invalidPattern = (pattern: string): ApiError =>
  new ApiError(
    "InvalidAllowedPatternException",
    `The request doesn't meet the regular expression requirement: ${pattern}`,
  );
