/** ECS's errors that more than one resource raises. All are answered with HTTP 400. */
import { ApiError } from "../../gateway/api-error.ts";

export const clientError = (message: string): ApiError => new ApiError("ClientException", message);

export const invalidParameter = (message: string): ApiError =>
  new ApiError("InvalidParameterException", message);

export const clusterNotFound = (): ApiError =>
  new ApiError("ClusterNotFoundException", "Cluster not found.");

export const clusterInactive = (): ApiError =>
  new ApiError("ClusterNotFoundException", "The referenced cluster was inactive.");

export const serviceNotFound = (): ApiError =>
  new ApiError("ServiceNotFoundException", "Service not found.");

export const serviceNotActive = (): ApiError =>
  new ApiError("ServiceNotActiveException", "Service was not ACTIVE.");

/** A value AWS takes and this engine does not act on yet: said, as of members, never passed over. */
export const notBuilt = (what: string): ApiError =>
  new ApiError("UnknownOperationException", `Neargate does not act on ${what} yet`, {
    status: 501,
  });
