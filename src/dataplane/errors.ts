/** How a driver's failure is told to a loop: classified once, by the driver, from status codes. */
export type DriverErrorKind = "not-found" | "conflict" | "unavailable" | "fatal";

export class DriverError extends Error {
  readonly kind: DriverErrorKind;
  constructor(kind: DriverErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DriverError";
    this.kind = kind;
  }
}

/** Something the host must have and has not: one sentence, with the command that mends it. */
export class PrerequisiteError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PrerequisiteError";
  }
}
