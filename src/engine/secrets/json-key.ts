/**
 * One value out of a secret that is a JSON object, as the ECS agent takes it out. The agent is written
 * in Go, which shows in how values that are no text are printed, and in its words for what is no JSON.
 */

export type JsonKeyReading =
  | { readonly type: "value"; readonly value: string }
  | { readonly type: "no-such-key" }
  | { readonly type: "not-an-object"; readonly message: string };

export function readJsonKey(text: string, key: string): JsonKeyReading {
  const parsed = parse(text);
  if (parsed.type === "no-json") return { type: "not-an-object", message: explain(text) };
  const { value } = parsed;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const message = `json: cannot unmarshal ${kindOf(value)} into Go value of type map[string]interface {}`;
    // Go takes `null` for an empty map.
    return value === null ? { type: "no-such-key" } : { type: "not-an-object", message };
  }
  const entry = Object.entries(value).find(([name]) => name === key);
  return entry ? { type: "value", value: print(entry[1]) } : { type: "no-such-key" };
}

function parse(text: string): { type: "json"; value: unknown } | { type: "no-json" } {
  try {
    return { type: "json", value: JSON.parse(text) };
  } catch {
    return { type: "no-json" };
  }
}

const kindOf = (value: unknown): string => {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
};

/** As `%v` prints it. */
function print(value: unknown): string {
  if (value === null) return "<nil>";
  if (typeof value === "number") return printNumber(value);
  if (Array.isArray(value)) return `[${value.map(print).join(" ")}]`;
  if (typeof value !== "object") return String(value);
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `map[${entries.map(([name, one]) => `${name}:${print(one)}`).join(" ")}]`;
}

/** With an exponent from a million on. */
function printNumber(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-4 && size < 1e21 && Math.floor(Math.log10(size)) < largestPlain)) {
    return String(value);
  }
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  const sign = exponent.startsWith("-") ? "-" : "+";
  return `${digits}e${sign}${exponent.replace(/^[+-]/, "").padStart(2, "0")}`;
}

/** The number of digits before the point from which Go writes an exponent. */
const largestPlain = 6;

const literals = ["true", "false", "null"];

/** The commonest case is a plain text, which fails at its first letter or within what begins like a literal. */
function explain(text: string): string {
  const trimmed = text.trimStart();
  const first = trimmed[0];
  if (first === undefined) return "unexpected end of JSON input";
  const literal = literals.find((one) => one.startsWith(first));
  if (!literal) {
    return '{["-0123456789'.includes(first)
      ? "invalid character in JSON text"
      : `invalid character '${first}' looking for beginning of value`;
  }
  const at = [...literal].findIndex((letter, index) => trimmed[index] !== letter);
  if (at < 0) return `invalid character '${trimmed[literal.length]}' after top-level value`;
  const found = trimmed[at];
  if (found === undefined) return "unexpected end of JSON input";
  return `invalid character '${found}' in literal ${literal} (expecting '${literal[at]}')`;
}
