/** IAM behind a gateway, and what its tests send again and again. */
import { IAMClient, type IAMServiceException } from "@aws-sdk/client-iam";
import { startTestGateway, type TestGateway } from "../../gateway/testing.ts";
import { iamService } from "./service.ts";

export type TestIam = AsyncDisposable & { readonly cloud: TestGateway; readonly iam: IAMClient };

export async function startIam(): Promise<TestIam> {
  const cloud = await startTestGateway([iamService()]);
  return { cloud, iam: cloud.client(IAMClient), [Symbol.asyncDispose]: () => cloud.close() };
}

export const trustOf = (principal: object): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" }],
  });

export const trust = trustOf({ Service: "ecs-tasks.amazonaws.com" });

export const allow = (...actions: string[]): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }],
  });

/** `Code: message`, or `done` when the call was not refused. The SDK's names end in `Exception`. */
export const refusalOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "done",
    (error: IAMServiceException) => `${error.name.replace(/Exception$/, "")}: ${error.message}`,
  );
