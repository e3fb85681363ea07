/** The policy of an endpoint: text that must be a document. */
import { invalidPolicy } from "./link-errors.ts";

/** What an endpoint has when it is given nothing else, as AWS writes it. */
export const fullAccess = JSON.stringify({
  Version: "2008-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: "*", Resource: "*" }],
});

/** The text; undefined when none is given. */
export function policyOf(text: string | undefined): string | undefined {
  if (!text) return undefined;
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document === "object" && document !== null && "Statement" in document) return text;
  } catch {
    // Falls through to the same error.
  }
  throw invalidPolicy();
}
