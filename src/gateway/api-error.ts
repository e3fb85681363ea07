/** An error as AWS answers it. Thrown by operations, rendered by the protocol they were called in. */

export type ApiErrorOptions = {
  /** HTTP status; 400 when not given. */
  status?: number;
  /** Further members of the error's shape, by their wire names. */
  members?: Readonly<Record<string, unknown>>;
};

export class ApiError extends Error {
  /** What the client matches on, such as `ClusterNotFoundException` or `InvalidVpcID.NotFound`. */
  readonly code: string;
  readonly status: number;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: ApiErrorOptions = {}) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.status = options.status ?? 400;
    this.members = options.members ?? {};
  }
}
