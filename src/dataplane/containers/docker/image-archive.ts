/**
 * Images made here, from nothing that has to be pulled: one layer and its configuration in the form
 * `docker load` takes. The same input gives the same image id.
 */
import { createHash } from "node:crypto";
import { pack } from "tar-stream";

export type ArchiveEntry = {
  /** Path within the image, without the leading slash. */
  readonly path: string;
  readonly mode: number;
} & (
  | { readonly type: "file"; readonly content: Buffer }
  | { readonly type: "directory" }
  | { readonly type: "symlink"; readonly target: string }
);

export type ImageArchiveInput = {
  /** `name:tag` that the image gets. */
  readonly reference: string;
  /** Go's name: `amd64`, `arm64`. */
  readonly architecture: string;
  /** The `config` member of an image configuration: Entrypoint, Cmd, Env and so on. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly entries: readonly ArchiveEntry[];
};

export type ImageArchive = { readonly tar: Buffer; readonly imageId: string };

const epoch = new Date(0);

export async function imageArchive(input: ImageArchiveInput): Promise<ImageArchive> {
  const layer = await packEntries(input.entries);
  const config = Buffer.from(
    JSON.stringify({
      architecture: input.architecture,
      os: "linux",
      created: epoch.toISOString(),
      config: input.config,
      rootfs: { type: "layers", diff_ids: [`sha256:${sha256(layer)}`] },
      history: [{ created: epoch.toISOString(), created_by: "neargate" }],
    }),
  );
  const configName = `${sha256(config)}.json`;
  const manifest = [{ Config: configName, RepoTags: [input.reference], Layers: ["layer.tar"] }];
  const file = (path: string, content: Buffer): ArchiveEntry => ({
    type: "file",
    path,
    mode: 0o644,
    content,
  });
  const tar = await packEntries([
    file("manifest.json", Buffer.from(JSON.stringify(manifest))),
    file(configName, config),
    file("layer.tar", layer),
  ]);
  return { tar, imageId: `sha256:${sha256(config)}` };
}

const sha256 = (content: Buffer): string => createHash("sha256").update(content).digest("hex");

async function packEntries(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  const stream = pack();
  for (const entry of entries) {
    const header = { name: entry.path, mode: entry.mode, mtime: epoch };
    if (entry.type === "file") stream.entry(header, entry.content);
    else if (entry.type === "directory") stream.entry({ ...header, type: "directory" });
    else stream.entry({ ...header, type: "symlink", linkname: entry.target });
  }
  stream.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
