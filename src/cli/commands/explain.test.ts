import { describe, expect, it } from "vitest";
import { type ExplainAnswer, formatExplain } from "./explain.ts";

const answer: ExplainAnswer = {
  open: false,
  from: "web (eni-1, 10.0.1.5)",
  to: "10.0.2.9",
  flow: { protocol: "tcp", port: 5432 },
  steps: [
    { stage: "security groups, out", at: "sg-1", passes: true, says: "app: sgr-1 lets it through" },
    {
      stage: "network ACL, out",
      at: "acl-1",
      passes: false,
      says: "the last rule (*) denies tcp 5432 to 10.0.2.9",
      remedy: "Add an outbound rule to acl-1 that allows tcp 5432 to 10.0.2.9.",
    },
  ],
};

describe("explain page", () => {
  it("a flow that is stopped: the verdict first, the step that stops it, and what would help last", () => {
    const lines = formatExplain(answer).split("\n");
    expect(lines[0]).toBe("web (eni-1, 10.0.1.5) -> 10.0.2.9, tcp 5432: does not get through");
    expect(lines.find((line) => line.startsWith("STOP"))).toMatch(
      /network ACL, out +acl-1 +the last/,
    );
    expect(lines.at(-1)).toBe("Add an outbound rule to acl-1 that allows tcp 5432 to 10.0.2.9.");
  });

  it("a flow that gets through: every step ok and no advice", () => {
    const page = formatExplain({ ...answer, open: true, steps: answer.steps.slice(0, 1) });
    expect(page).toContain("gets through");
    expect(page).not.toMatch(/STOP|Add/);
  });
});
