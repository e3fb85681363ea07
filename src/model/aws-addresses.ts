/**
 * Where AWS's APIs are, as addresses: of the blocks that are kept for documentation, so that no real host
 * has them. A packet to one that gets out of its VPC is the engine's to answer.
 */
export const awsBlocks: readonly string[] = ["198.51.100.0/24", "203.0.113.0/24"];
