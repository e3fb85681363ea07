/** An error as AWS answers it. Thrown by operations, rendered by the protocol they were called in. */

export type ApiErrorOptions = {
  /** HTTP status; when not given, that of the error's model, or 400. */
  status?: number;
  /** Further members of the error's shape, by their wire names. */
  members?: Readonly<Record<string, unknown>>;
};

export class ApiError extends Error {
  /** What the client matches on, such as `ClusterNotFoundException` or `InvalidVpcID.NotFound`. */
  readonly code: string;
  readonly status: number;
  /** Whether it was thrown with its status, which then counts more than the model's. */
  readonly hasStatus: boolean;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: ApiErrorOptions = {}) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.status = options.status ?? 400;
    this.hasStatus = options.status !== undefined;
    this.members = options.members ?? {};
  }
}
