import { describe, expect, it } from "vitest";
import fc from "../../test/builders/properties.ts";
import { accountOfAccessKeyId, formatAccessKeyId } from "./access-key-id.ts";

describe("access key ids", () => {
  it("any account and chance: AWS's form, and the account is read back", () => {
    const account = fc.stringMatching(/^[0-9]{12}$/);
    const random = fc.stringMatching(/^[A-Z2-7]{8}$/);
    fc.assert(
      fc.property(account, random, fc.constantFrom("AKIA", "ASIA"), (number, letters, kind) => {
        const id = formatAccessKeyId(kind, number, letters);
        expect(id).toMatch(new RegExp(`^${kind}[Q-Z2-7][A-Z2-7]{15}$`));
        expect(accountOfAccessKeyId(id)).toBe(number);
      }),
    );
  });

  it("two draws for one account: two ids", () => {
    const [one, other] = ["AAAAAAAA", "PAAAAAAA"].map((random) =>
      formatAccessKeyId("AKIA", "000000000000", random),
    );
    expect(one).not.toBe(other);
  });

  it.each(["test", "000000000000", "AKIA", "AKIAIOSFODNN7EXAMPLE1", "AIDAQAAAAAAAAAAAAAAA"])(
    "%s: of no account",
    (id) => {
      expect(accountOfAccessKeyId(id)).toBeUndefined();
    },
  );
});
