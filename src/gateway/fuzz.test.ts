/** A seeded part of what `npm run fuzz` does for as long as one likes. */
import { describe, expect, it } from "vitest";
import { fuzzModel, fuzzServices } from "../../test/builders/fuzz-run.ts";
import { fuzzSockets } from "../../test/builders/fuzz-sockets.ts";
import { sdkEcho } from "../../test/builders/sdk-echo.ts";
import { buildModelOf } from "../../tools/wire-model.ts";

describe("hostile requests", () => {
  it("of every declared operation: never a 500, a hang, or a word of the inside", async () => {
    expect(await fuzzServices(5_000, 20_260_101)).toEqual([]);
  });

  it("over connections, cut off, mixed up and wrong about themselves: the same", async () => {
    expect(await fuzzSockets(1_500, 20_260_101)).toEqual([]);
  });

  it.each([
    "@aws-sdk/client-s3",
    "@aws-sdk/client-route-53",
    "@aws-sdk/client-efs",
    "@aws-sdk/client-lambda",
  ])("of %s, entity bombs among them: the same", async (name) => {
    const exports = await import(name);
    const model = buildModelOf(name, exports);
    using echo = sdkEcho(exports, model);
    expect(await fuzzModel(echo, model, 500, 20_260_101)).toEqual([]);
  });
});
