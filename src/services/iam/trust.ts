/** Trust policies: who may assume a role. Whoever of the account one names must be there. */
import { invalidPrincipal, listPrincipals } from "../../engine/policy-document.ts";
import { roles, users } from "../../state/tables/iam.ts";
import { malformedPolicy, quotaExceeded } from "./errors.ts";
import { globalScope, type Place } from "./lookup.ts";
import { sizeOf, validateDocument } from "./validate.ts";

const mostCharacters = 2048;

export function validateTrust(context: Place, given: string | undefined): string {
  const document = validateDocument(given, "trust");
  if (sizeOf(document) > mostCharacters) throw quotaExceeded("ACLSizePerRole", mostCharacters);
  const missing = listPrincipals(document).find(
    ({ kind, name }) => kind === "AWS" && !isThere(context, name),
  );
  if (missing) throw malformedPolicy(invalidPrincipal(missing.kind, missing.name));
  return document;
}

/** Of users and roles of other accounts nothing is known, so they are taken to be there. */
function isThere(context: Place, name: string): boolean {
  const [, account, kind, path] = /^arn:aws:iam::(\d{12}):(user|role)\/(.+)$/.exec(name) ?? [];
  const scope = globalScope(context);
  if (account !== scope.account || path === undefined) return true;
  const last = path.split("/").at(-1) ?? "";
  const found =
    kind === "user"
      ? context.tx.table(users).get(scope, last)
      : context.tx.table(roles).get(scope, last);
  return found?.arn === name;
}
