/**
 * DryRun: a request is gone through to its end and then refused, in words that say it would have been
 * granted. What it wrote goes with its transaction.
 */
import { ApiError } from "../../gateway/api-error.ts";
import type {
  Accepts,
  LiveOperation,
  ReadOperation,
  WriteOperation,
} from "../../gateway/service.ts";

type DryRunInput = { readonly DryRun?: boolean | undefined };

export const readOrTry = <Input extends DryRunInput, Output>(
  operation: ReadOperation<Input, Output>,
): ReadOperation<Input, Output> => ({
  ...operation,
  accepts: withDryRun(operation.accepts),
  run: (context, input) => unlessDry(input, operation.run(context, input)),
});

export const writeOrTry = <Input extends DryRunInput, Output>(
  operation: WriteOperation<Input, Output>,
): WriteOperation<Input, Output> => ({
  ...operation,
  accepts: withDryRun(operation.accepts),
  run: (context, input) => unlessDry(input, operation.run(context, input)),
});

export const liveOrTry = <Input extends DryRunInput, Output>(
  operation: LiveOperation<Input, Output>,
): LiveOperation<Input, Output> => ({
  ...operation,
  accepts: withDryRun(operation.accepts),
  run: async (context, input) => unlessDry(input, await operation.run(context, input)),
});

const withDryRun = <Input>(accepts: Accepts<Input>): Accepts<Input> => ({
  ...accepts,
  DryRun: true,
});

function unlessDry<Output>({ DryRun }: DryRunInput, output: Output): Output {
  if (!DryRun) return output;
  throw new ApiError(
    "DryRunOperationException",
    "The request would have succeeded, but the DryRun option is set.",
    { status: 412 },
  );
}
