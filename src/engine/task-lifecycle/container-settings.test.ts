import { describe, expect, it } from "vitest";
import { aContainerDefinition } from "../../../test/builders/ecs.ts";
import { programOf } from "./container-settings.ts";

const given = { entryPoint: ["/app"], command: ["-v"], workingDirectory: "/srv", user: "7" };
const nothing = {
  ...{ entryPoint: undefined, command: undefined, workingDirectory: undefined, user: undefined },
};

describe("what a container runs", () => {
  it("as the definition says, the command as the override says", () => {
    const container = aContainerDefinition(given);
    expect(programOf(container, undefined)).toEqual(given);
    const command = ["-q"];
    expect(programOf(container, { command })).toEqual({ ...given, command });
  });

  it("empty texts and lists: as the image says", () => {
    const empty = { entryPoint: [], command: [], workingDirectory: "", user: "" };
    expect(programOf(aContainerDefinition(empty), undefined)).toEqual(nothing);
    expect(programOf(aContainerDefinition(empty), { command: ["-q"] })).toEqual({
      ...nothing,
      command: ["-q"],
    });
  });
});
