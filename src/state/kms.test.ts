import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import fc from "../../test/builders/properties.ts";
import { sequentialIds } from "../seams/ids.ts";
import { memorySealing, type Sealing } from "../seams/sealing.ts";
import { currentMaterial, decryptWith, encryptWith, type KmsCall } from "./kms.ts";
import { openStore } from "./store.ts";
import { kmsKeys } from "./tables/kms.ts";

const scope = { account: "000000000000", region: "ap-northeast-1" };
const callOf = (sealing: Sealing): KmsCall => ({ scope, sealing, ids: sequentialIds(), now: 0 });

describe("encryptWith and decryptWith", () => {
  it("any context: opens with the same pairs in any order, never with others", () => {
    const store = openStore(undefined);
    const call = callOf(memorySealing());
    const contexts = fc.dictionary(fc.string({ maxLength: 6 }), fc.string({ maxLength: 6 }), {
      maxKeys: 4,
    });
    const print = (context: Record<string, string>): string =>
      JSON.stringify(Object.entries(context).toSorted(([one], [other]) => (one < other ? -1 : 1)));
    fc.assert(
      fc.property(contexts, contexts, fc.uint8Array({ maxLength: 64 }), (context, other, text) => {
        const made = store.write((tx) => encryptWith(tx, call, "alias/aws/ssm", text, context));
        if (made.type !== "encrypted") throw new Error(made.type);
        const open = (given: Record<string, string>) =>
          store.read((tx) => decryptWith(tx, call, made.ciphertext, given));
        const reversed = Object.fromEntries(Object.entries(context).toReversed());
        expect(open(reversed)).toMatchObject({ type: "decrypted", plaintext: Buffer.from(text) });
        if (print(context) !== print(other)) {
          expect(open(other)).toEqual({ type: "invalid-ciphertext" });
        }
      }),
    );
  });

  it("the state on disk: has neither the key's bytes nor what it encrypted", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "ng-kms-"));
    const sealing = memorySealing();
    const store = openStore(folder);
    const made = store.write((tx) =>
      encryptWith(tx, callOf(sealing), "alias/aws/ssm", Buffer.from("hunter2")),
    );
    if (made.type !== "encrypted") throw new Error(made.type);
    const key = store.read((tx) => tx.table(kmsKeys).get(scope, made.key.keyId));
    const secret = sealing.open(currentMaterial(key ?? made.key).sealed);
    store.close();
    const stored = readdirSync(folder).map((name) => readFileSync(path.join(folder, name)));
    const all = Buffer.concat(stored);
    expect(all.includes(made.key.keyId)).toBe(true);
    for (const form of [secret, secret.toString("base64"), secret.toString("hex"), "hunter2"]) {
      expect(all.includes(form)).toBe(false);
    }
    rmSync(folder, { recursive: true, force: true });
  });
});
