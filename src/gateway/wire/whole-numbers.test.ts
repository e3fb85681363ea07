import { describe, expect, it } from "vitest";
import { startTestEcs } from "../../services/ecs/testing.ts";
import { linkConstraints, loadConstraints } from "./constraints.ts";
import { loadModel } from "./model.ts";
import { linkModel } from "./shapes.ts";
import { hasFraction } from "./whole-numbers.ts";

const model = linkModel(loadModel("ecs"));
const none = linkConstraints({ kinds: {}, structures: {} });

function isRefused(operation: string, input: Record<string, unknown>): boolean {
  const shape = model.operation(operation)?.input;
  if (!shape) throw new Error(`no ${operation}`);
  return hasFraction(shape, input, loadConstraints("ecs") ?? none);
}

const container = (more: object) => ({ containerDefinitions: [{ name: "app", ...more }] });

describe("fractions where whole numbers must be", () => {
  it.each<[string, string, Record<string, unknown>, boolean]>([
    ["a member", "RunTask", { count: 1.5 }, true],
    ["a whole number", "RunTask", { count: 1.0 }, false],
    ["a member of an element", "RegisterTaskDefinition", container({ cpu: 0.5 }), true],
    [
      "an element of a list",
      "RegisterTaskDefinition",
      container({ restartPolicy: { enabled: true, ignoredExitCodes: [1, 1.5] } }),
      true,
    ],
    [
      "nothing of the kind",
      "RegisterTaskDefinition",
      container({ cpu: 5, command: ["1.5"] }),
      false,
    ],
  ])("%s: found where there is one", (_, operation, input, expected) => {
    expect(isRefused(operation, input)).toBe(expected);
  });

  it("in a request of AWS JSON: refused before anything is validated", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const launch = cloud.ecs.runTask({ cluster: "gone", taskDefinition: "web", count: 1.5 });
    await expect(launch).rejects.toMatchObject({
      name: "SerializationException",
      message: "NUMBER_VALUE cannot be converted to Integer",
    });
  });
});
