/** Which condition keys a policy asks for, in conditions and in variables such as `${aws:username}`. */

/** Each once, spelled as it first appears. The text is a well-formed policy. */
export function findContextKeys(text: string): string[] {
  const document: unknown = JSON.parse(text);
  const found = new Map<string, string>();
  for (const key of [...conditionKeysOf(document), ...variablesOf(text)]) {
    if (!found.has(key.toLowerCase())) found.set(key.toLowerCase(), key);
  }
  return [...found.values()];
}

function conditionKeysOf(document: unknown): string[] {
  if (!isObject(document)) return [];
  return [document["Statement"]].flat().flatMap((statement) => {
    const condition = isObject(statement) ? statement["Condition"] : undefined;
    return isObject(condition)
      ? Object.values(condition).filter(isObject).flatMap(Object.keys)
      : [];
  });
}

/** `${*}`, `${?}` and `${$}` are the characters themselves; after a comma comes a default value. */
const variablesOf = (text: string): string[] =>
  [...text.matchAll(/\$\{\s*([\w:./-]+)\s*(?:,[^}]*)?\}/g)].flatMap(([, key]) => key ?? []);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
