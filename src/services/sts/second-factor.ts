/** The code of a user's MFA device, which they may give when they ask for credentials. */
import type { ReadContext } from "../../gateway/service.ts";
import type { MfaDevice } from "../../model/iam.ts";
import { globalRegion } from "../../model/scope.ts";
import { mfaDevices } from "../../state/tables/iam.ts";
import { driftMs, isCodeAround } from "../../state/totp.ts";
import { accessDenied } from "./errors.ts";

type Given = {
  readonly SerialNumber?: string | undefined;
  readonly TokenCode?: string | undefined;
};

/** A code is good while it is shown, and for those who type slowly or have a fast clock. */
const tolerance = 1;

/** Whether a second factor was given. Throws AWS's error for a wrong one, and for half of one. */
export function readSecondFactor(
  context: ReadContext,
  { SerialNumber: serial, TokenCode: code }: Given,
): boolean {
  if (serial === undefined && code === undefined) return false;
  if (serial === undefined || code === undefined) {
    throw failed(", must provide both MFA serial number and one time pass code.");
  }
  const device = findOwn(context, serial);
  if (!device) {
    throw failed(
      ", unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
    );
  }
  const at = context.wall + driftMs(device.drift ?? 0);
  if (isCodeAround(device.seed, code, { at, steps: tolerance })) return true;
  throw failed(" with invalid MFA one time pass code. ");
}

const failed = (how: string) => accessDenied(`MultiFactorAuthentication failed${how}`);

/** The account's root, which here is anyone with a key of their own making, may use any of its devices. */
function findOwn({ tx, caller }: ReadContext, serial: string): MfaDevice | undefined {
  const { account, principal, userId } = caller;
  const device = tx.table(mfaDevices).get({ account, region: globalRegion }, serial);
  const isOwn = principal.type === "root" || device?.assignment?.userId === userId;
  return device?.assignment && isOwn ? device : undefined;
}
