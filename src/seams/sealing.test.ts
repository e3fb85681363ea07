import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import fc from "../../test/builders/properties.ts";
import { decryptAead, encryptAead, randomOctets } from "./crypto.ts";
import { fileSealing, memorySealing } from "./sealing.ts";

describe("sealing", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "ng-sealing-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("a key in a file: made once, for its owner alone, and opens what it sealed before", () => {
    const file = path.join(folder, "sealing.key");
    const sealed = fileSealing(file).seal(Buffer.from("hello"));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(fileSealing(file).open(sealed).toString()).toBe("hello");
    expect(sealed).not.toContain(Buffer.from("hello").toString("base64"));
  });

  it("a file that others may read, or of another length: refused", () => {
    const file = path.join(folder, "sealing.key");
    fileSealing(file);
    chmodSync(file, 0o644);
    expect(() => fileSealing(file)).toThrow("give it the mode 600");
    const short = path.join(folder, "short.key");
    writeFileSync(short, "short", { mode: 0o600 });
    expect(() => fileSealing(short)).toThrow("is not a sealing key");
  });

  it("another key: opens nothing", () => {
    const sealed = memorySealing().seal(Buffer.from("hello"));
    expect(() => memorySealing().open(sealed)).toThrow("not the key it was sealed by");
  });
});

describe("encryptAead", () => {
  const bytes = fc.uint8Array({ maxLength: 200 });

  it("any plaintext: opened with the same key and data, by nothing else, changed nowhere", () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, fc.nat(), (plaintext, aad, other, at) => {
        const key = randomOctets(32);
        const box = encryptAead(key, plaintext, aad);
        expect(decryptAead(key, box, aad)).toEqual(Buffer.from(plaintext));
        expect(decryptAead(randomOctets(32), box, aad)).toBeUndefined();
        const same = Buffer.from(aad).equals(Buffer.from(other));
        if (!same) expect(decryptAead(key, box, other)).toBeUndefined();
        const changed = Buffer.from(box);
        changed[at % box.length] = (changed[at % box.length] ?? 0) ^ 1;
        expect(decryptAead(key, changed, aad)).toBeUndefined();
      }),
    );
  });
});
