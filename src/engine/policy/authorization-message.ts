/** What a denial was decided on, in the form that `sts:DecodeAuthorizationMessage` tells it. */
import { type ConditionSource, listConditions } from "./condition-keys.ts";
import type { Clause, Condition, Statement } from "./document.ts";
import type { Decision } from "./evaluate.ts";

export type AuthorizationMessageInput = {
  readonly decision: Decision;
  /** The statements that deny it; none when it is only that nothing allows it. */
  readonly denials: readonly Statement[];
  readonly principal: { readonly id: string; readonly arn: string };
  readonly action: string;
  readonly resource: string;
  readonly conditions: readonly ConditionSource[];
};

/** The JSON text. */
export function printAuthorizationMessage(input: AuthorizationMessageInput): string {
  const { decision, denials, principal, action, resource } = input;
  const { id, arn } = principal;
  return JSON.stringify({
    allowed: decision.type === "allow",
    explicitDeny: decision.type === "explicitDeny",
    matchedStatements: items(denials.map((statement) => toMatched(statement, id, action))),
    failures: items([]),
    context: {
      principal: { id, name: arn.split("/").at(-1) ?? "", arn },
      action,
      resource,
      conditions: items(
        listConditions(...input.conditions).map(([key, values]) => ({
          key,
          values: toValues(values),
        })),
      ),
    },
  });
}

const items = <T>(list: readonly T[]) => ({ items: list });

const toValues = (values: readonly string[]) => items(values.map((value) => ({ value })));

const toMatched = (
  { effect, action, resource, conditions }: Statement,
  id: string,
  asked: string,
) => ({
  statementId: "",
  effect: effect.toUpperCase(),
  principals: toValues([id]),
  principalGroups: items([]),
  // Patterns of actions are kept in lower case.
  actions: toValues(patternsOf(action).map((one) => (one === asked.toLowerCase() ? asked : one))),
  resources: toValues(patternsOf(resource)),
  conditions: items(conditions.map(toCondition)),
});

const patternsOf = (clause: Clause | undefined): readonly string[] => clause?.patterns ?? ["*"];

const toCondition = ({ key, values }: Condition) => ({ key, values: toValues(values) });
