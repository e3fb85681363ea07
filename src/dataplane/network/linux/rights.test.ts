import { describe, expect, it } from "vitest";
import { PrerequisiteError } from "../../errors.ts";
import { checkRights, isWholeRoot } from "./rights.ts";

const status = (mask: string): string => `Name:\tnode\nCapPrm:\t${mask}\nCapEff:\t${mask}\n`;
const whole = status("000001ffffffffff");

const said = (rights: Partial<Parameters<typeof checkRights>[0]>): string => {
  try {
    checkRights({ platform: "linux", uid: 0, status: whole, ...rights });
  } catch (error) {
    if (error instanceof PrerequisiteError) return error.message;
  }
  return "allowed";
};

describe("rights to make networks", () => {
  it("root with every capability, or of a kernel that does not say: allowed", () => {
    expect(said({})).toBe("allowed");
    expect(said({ status: "" })).toBe("allowed");
  });

  it.each([
    [{ platform: "darwin", uid: 501, status: "" }, /^The network needs Linux, and this is darwin/],
    [{ uid: 1000 }, /^The network needs root: start neargate with sudo/],
    [{ status: status("000001ffffffefff") }, /needs CAP_NET_ADMIN, which/],
    [{ status: status("000001ffffdfefff") }, /needs CAP_NET_ADMIN and CAP_SYS_ADMIN, which/],
  ])("%j: one sentence that offers to do without", (rights, words) => {
    expect(said(rights)).toMatch(words);
    expect(said(rights)).toMatch(/--runtime simulated\.$/);
  });

  it("a user namespace: told from the machine's own root by what its ids are mapped to", () => {
    expect(isWholeRoot("         0          0 4294967295\n")).toBe(true);
    expect(isWholeRoot("         0       1000          1\n")).toBe(false);
  });
});
