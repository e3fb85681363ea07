/**
 * fast-check, with the same seed in every run, so that a run fails for what was changed and for nothing
 * else. NEARGATE_FUZZ_SEED sets another.
 */
import fc from "fast-check";

export const seed = Number(process.env["NEARGATE_FUZZ_SEED"] ?? 20_260_101);
fc.configureGlobal({ seed });

export default fc;
