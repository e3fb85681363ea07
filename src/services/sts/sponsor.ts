/** Who asks for credentials that end, for themselves or for somebody outside of IAM. */
import type { Caller } from "../../gateway/service.ts";
import type { OwnHolder } from "../../state/sessions.ts";
import { accessDenied } from "./errors.ts";

/** More is not given to an account's root, whatever it asks for. */
const longestOfRoot = 3_600;

/** The caller and how long a session they get; throws for who has such credentials already. */
export function sponsorOf(
  { arn, principal, session, userId }: Caller,
  operation: "GetSessionToken" | "GetFederationToken",
  wanted: number,
): { readonly holder: OwnHolder; readonly seconds: number } {
  if (session || principal.type === "session") {
    throw accessDenied(`Cannot call ${operation} with session credentials`);
  }
  if (principal.type === "root") {
    return { holder: { type: "root" }, seconds: Math.min(wanted, longestOfRoot) };
  }
  const name = arn.split("/").at(-1) ?? "";
  return { holder: { type: "user", name, id: userId, arn }, seconds: wanted };
}
