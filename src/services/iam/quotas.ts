/** How much of each kind an account may have: AWS's defaults. */
import { quotaExceeded } from "./errors.ts";

export const accountQuotas = {
  Groups: 300,
  InstanceProfiles: 1000,
  Policies: 1500,
  Roles: 1000,
  Users: 5000,
} as const;

/** Refuses one more of a kind when as many as may be are `there`. */
export function requireRoom(kind: keyof typeof accountQuotas, there: readonly unknown[]): void {
  if (there.length >= accountQuotas[kind]) {
    throw quotaExceeded(`${kind}PerAccount`, accountQuotas[kind]);
  }
}
