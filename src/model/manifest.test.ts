import { describe, expect, it } from "vitest";
import { manifestMediaTypes, parseManifest } from "./manifest.ts";

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const descriptor = (letter: string, mediaType?: string) => ({
  digest: digest(letter),
  size: 1,
  mediaType,
});
const parse = (document: object, contentType?: string) =>
  parseManifest(JSON.stringify({ schemaVersion: 2, ...document }), contentType);

describe("parseManifest", () => {
  it("an image: its configuration and layers, without those that live elsewhere", () => {
    const foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    const parsed = parse(
      {
        mediaType: manifestMediaTypes.dockerManifest,
        config: descriptor("a", "application/vnd.docker.container.image.v1+json"),
        layers: [descriptor("b"), descriptor("c", foreign)],
      },
      "text/plain",
    );
    expect(parsed).toEqual({
      mediaType: manifestMediaTypes.dockerManifest,
      artifactMediaType: "application/vnd.docker.container.image.v1+json",
      blobs: [
        { digest: digest("a"), size: 1, mediaType: expect.any(String) },
        { digest: digest("b"), size: 1, mediaType: undefined },
      ],
      children: [],
      subject: undefined,
    });
  });

  it("an OCI document that does not name its kind: told by the content type, else by its shape", () => {
    const image = { config: descriptor("a"), layers: [] };
    const index = { manifests: [descriptor("a")] };
    expect(parse(image)).toMatchObject({ mediaType: manifestMediaTypes.ociManifest });
    expect(parse(index)).toMatchObject({
      mediaType: manifestMediaTypes.ociIndex,
      children: [digest("a")],
    });
    expect(parse(index, `${manifestMediaTypes.dockerList}; charset=utf-8`)).toMatchObject({
      mediaType: manifestMediaTypes.dockerList,
    });
  });

  it("what an image is about: its subject", () => {
    const signature = { config: descriptor("a"), layers: [], subject: descriptor("d") };
    expect(parse(signature)).toMatchObject({ subject: digest("d") });
  });

  it.each([
    ["an old schema", { schemaVersion: 1 }, "schema version"],
    ["another kind", { mediaType: "text/html" }, "text/html"],
    ["no layers", { config: descriptor("a") }, "lacks config or layers"],
    ["a bad digest", { config: descriptor("a"), layers: [{ digest: "x", size: 1 }] }, "descriptor"],
    ["a bad size", { manifests: [{ digest: digest("a"), size: -1 }] }, "descriptor"],
  ])("%s: the reason in words", (_, document, reason) => {
    expect(parse(document)).toContain(reason);
  });

  it.each(["", "[]", "5", "{"])("%j: not a manifest", (text) => {
    expect(parseManifest(text, undefined)).toBe("manifest is not a JSON object");
  });
});
