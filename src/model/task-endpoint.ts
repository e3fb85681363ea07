/** Where a task asks for its metadata, its credentials and AWS's APIs: an address of its VPC that is not routed. */

/** Link-local, as on AWS. */
export const taskEndpointAddress = "169.254.170.2";

/** Where it answers AWS's APIs. On AWS they have names of their own in the internet. */
export const taskApiPort = 4566;
