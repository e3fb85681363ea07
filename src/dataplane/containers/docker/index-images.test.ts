import type { ImageInspectInfo } from "dockerode";
import { describe, expect, it } from "vitest";
import { keepApart } from "./index-images.ts";

const digest = `sha256:${"ab".repeat(32)}`;
const image = (Architecture: string) => ({ Id: `id-${Architecture}`, Architecture });
const keptAs = (architecture: string) => `reg/app:neargate-abababababababab-${architecture}`;

/** A daemon whose images are known by these names. */
function daemon(names: Record<string, string>) {
  const done: string[] = [];
  const calls = {
    async inspectImage(name: string) {
      const architecture = names[name];
      return architecture === undefined ? undefined : (image(architecture) as ImageInspectInfo);
    },
    async tagImage(id: string, { repository, tag }: { repository: string; tag: string }) {
      done.push(`tag ${id} ${repository}:${tag}`);
    },
    async removeImage(name: string) {
      done.push(`remove ${name}`);
    },
  };
  const ask = (meant: string, isRequired: boolean) =>
    keepApart(calls, {
      ...{ repository: "reg/app", digest, meant, isRequired },
      here: image("amd64") as ImageInspectInfo,
    });
  return { done, ask };
}

describe("images of one index", () => {
  it("the other processor's is here under our tag: taken", async () => {
    const { done, ask } = daemon({ [keptAs("arm64")]: "arm64" });
    expect(await ask("arm64", true)).toEqual(image("arm64"));
    expect(done).toEqual([]);
  });

  it("it is not here: what has the digest is kept under our tag, and the digest is free", async () => {
    const { done, ask } = daemon({});
    expect(await ask("arm64", true)).toBeUndefined();
    expect(done).toEqual([`tag id-amd64 ${keptAs("amd64")}`, `remove reg/app@${digest}`]);
  });

  it("a machine that has found its own missing before: what there is has to do, unless it may not", async () => {
    const { done, ask } = daemon({ [keptAs("amd64")]: "amd64" });
    expect(await ask("arm64", false)).toEqual(image("amd64"));
    expect(done).toEqual([]);
    expect(await ask("arm64", true)).toBeUndefined();
  });
});
