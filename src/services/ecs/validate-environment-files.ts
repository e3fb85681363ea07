/** Files of variables, which lie in S3 and are named by ARN. */
import type { EnvironmentFile } from "@aws-sdk/client-ecs";
import { parseArn } from "../../model/arn.ts";
import { checkEnum } from "./checks.ts";
import { clientError } from "./errors.ts";

type Input = { readonly environmentFiles?: readonly EnvironmentFile[] | undefined };

/** Throws unless every file of the container is named by an ARN. */
export function checkEnvironmentFiles({ environmentFiles }: Input): void {
  for (const { type } of environmentFiles ?? []) checkEnum("environmentFiles.type", type, ["s3"]);
  const isArn = ({ value = "" }: EnvironmentFile): boolean => parseArn(value) !== undefined;
  if (!(environmentFiles ?? []).every(isArn)) throw clientError("Invalid arn syntax.");
}
