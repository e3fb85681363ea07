/**
 * Conditions of statements. Each operator compares one value of the request with one of the policy;
 * how several of either and absent ones count is the same for all.
 */
import { containsAddress, parseAddress, parseCidr } from "../../model/cidr.ts";
import { containsIpv6 } from "../../model/ipv6.ts";
import type { ConditionKeys } from "./condition-keys.ts";
import { type Condition, readOperator } from "./document.ts";
import { fillPattern, isArnMatch, isMatch, plainText } from "./pattern.ts";

type Comparison = (wanted: string, found: string) => boolean;

type Operator = {
  readonly compare: Comparison;
  /** It holds where the comparison does not, and where the request has no such key. */
  readonly negated?: boolean;
};

const numeric =
  (holds: (found: number, wanted: number) => boolean): Comparison =>
  (wanted, found) =>
    found.trim() !== "" && wanted.trim() !== "" && holds(Number(found), Number(wanted));

const dated =
  (holds: (found: number, wanted: number) => boolean): Comparison =>
  (wanted, found) =>
    holds(toTime(found), toTime(wanted));

/** Milliseconds since the epoch of an ISO 8601 date or of seconds; NaN, which compares with nothing. */
const toTime = (text: string): number =>
  /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);

const equals: Comparison = (wanted, found) => plainText(wanted) === found;
const equalsIgnoringCase: Comparison = (wanted, found) =>
  plainText(wanted).toLowerCase() === found.toLowerCase();
const isInBlock: Comparison = (wanted, found) => {
  const address = parseAddress(found);
  if (address === undefined) return containsIpv6(wanted, found);
  const cidr = parseCidr(wanted.includes("/") ? wanted : `${wanted}/32`);
  return cidr !== undefined && containsAddress(cidr, address);
};

const same = (found: number, wanted: number): boolean => found === wanted;

const operators = new Map<string, Operator>(
  Object.entries({
    stringequals: { compare: equals },
    stringnotequals: { compare: equals, negated: true },
    stringequalsignorecase: { compare: equalsIgnoringCase },
    stringnotequalsignorecase: { compare: equalsIgnoringCase, negated: true },
    stringlike: { compare: isMatch },
    stringnotlike: { compare: isMatch, negated: true },
    numericequals: { compare: numeric(same) },
    numericnotequals: { compare: numeric(same), negated: true },
    numericlessthan: { compare: numeric((found, wanted) => found < wanted) },
    numericlessthanequals: { compare: numeric((found, wanted) => found <= wanted) },
    numericgreaterthan: { compare: numeric((found, wanted) => found > wanted) },
    numericgreaterthanequals: { compare: numeric((found, wanted) => found >= wanted) },
    dateequals: { compare: dated(same) },
    datenotequals: { compare: dated(same), negated: true },
    datelessthan: { compare: dated((found, wanted) => found < wanted) },
    datelessthanequals: { compare: dated((found, wanted) => found <= wanted) },
    dategreaterthan: { compare: dated((found, wanted) => found > wanted) },
    dategreaterthanequals: { compare: dated((found, wanted) => found >= wanted) },
    bool: { compare: equalsIgnoringCase },
    binaryequals: { compare: equals },
    ipaddress: { compare: isInBlock },
    notipaddress: { compare: isInBlock, negated: true },
    arnequals: { compare: isArnMatch },
    arnlike: { compare: isArnMatch },
    arnnotequals: { compare: isArnMatch, negated: true },
    arnnotlike: { compare: isArnMatch, negated: true },
  }),
);

/** Whether a policy may use an operator of this name, with quantifier and `IfExists`. */
export function isConditionOperator(name: string): boolean {
  const { operator, quantifier, ifExists } = readOperator(name);
  if (operator === "null") return quantifier === undefined && !ifExists;
  return operators.has(operator);
}

/** `hasVariables` as the document says. An operator that is not known holds for nothing. */
export function isConditionMet(
  condition: Condition,
  keys: ConditionKeys,
  hasVariables: boolean,
): boolean {
  const found = keys.get(condition.key);
  if (condition.operator === "null") {
    return condition.values.some((value) => (value.toLowerCase() === "true") === !found);
  }
  const operator = operators.get(condition.operator);
  if (!operator) return false;
  if (!found) return isMetByAbsence(condition, operator);
  const wanted = hasVariables
    ? condition.values.flatMap((value) => fillPattern(value, keys) ?? [])
    : condition.values;
  const holds = (value: string): boolean =>
    wanted.some((one) => operator.compare(one, value)) !== (operator.negated ?? false);
  // Without a quantifier there is one value; where a key has more, each must hold to be safe.
  if (condition.quantifier === "any") return found.some(holds);
  if (condition.quantifier === "all" || operator.negated) return found.every(holds);
  return found.some(holds);
}

function isMetByAbsence({ quantifier, ifExists }: Condition, { negated }: Operator): boolean {
  if (quantifier === "all" || ifExists) return true;
  return quantifier === undefined && negated === true;
}
