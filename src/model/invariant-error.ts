/** A rule of the engine's own that was broken: a mistake in the program, never a refusal. */
export class InvariantError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "InvariantError";
  }
}
