/**
 * Container images out of this machine's own programs, so that examples, tests and the demo have an
 * image with nothing pulled: each program with the shared libraries and the loader it names.
 */
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import {
  type ArchiveEntry,
  type ImageArchive,
  imageArchive,
} from "../../src/dataplane/containers/docker/image-archive.ts";
import type { Exec } from "../../src/seams/exec.ts";

export type MachineImageInput = {
  readonly exec: Exec;
  /** `name:tag` that the image gets when it is loaded. */
  readonly reference: string;
  /** Programs of this machine, packed with their libraries: where in the image → where here. */
  readonly programs: Readonly<Record<string, string>>;
  /** Further files: where in the image → content. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  /** Directories of this machine packed whole, under the same path. */
  readonly directories?: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: readonly string[];
  readonly exposedPorts?: readonly string[];
  /** Such as `SIGQUIT`. */
  readonly stopSignal?: string;
  /** What the image says it is for, as Go names it; this machine's own where it says nothing. */
  readonly architecture?: string;
};

/** A tar that `docker load` takes, and the id the image will have. */
export async function buildMachineImage(input: MachineImageInput): Promise<ImageArchive> {
  const content = new Map<string, { mode: number; content: Buffer }>();
  const add = (inside: string, file: string): void => {
    const { mode } = statSync(file);
    content.set(inside.replace(/^\/+/, ""), { mode: mode & 0o7777, content: readFileSync(file) });
  };
  for (const directory of input.directories ?? []) {
    for (const file of filesBelow(directory)) add(file, file);
  }
  for (const [inside, program] of Object.entries(input.programs)) {
    add(inside, realpathSync(program));
    for (const library of await librariesOf(input.exec, program)) add(library, library);
  }
  for (const library of await librariesBelow(input)) add(library, library);
  for (const [inside, text] of Object.entries(input.files ?? {})) {
    content.set(inside.replace(/^\/+/, ""), { mode: 0o644, content: Buffer.from(text) });
  }
  return imageArchive({
    reference: input.reference,
    architecture: input.architecture ?? (process.arch === "x64" ? "amd64" : process.arch),
    config: {
      Entrypoint: input.entrypoint,
      ...(input.command && { Cmd: input.command }),
      ...(input.stopSignal && { StopSignal: input.stopSignal }),
      Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"].concat(
        input.environment ?? [],
      ),
      ExposedPorts: Object.fromEntries((input.exposedPorts ?? []).map((port) => [port, {}])),
    },
    entries: entriesOf(content),
  });
}

/** In the order of their paths, each directory before what is in it. */
function entriesOf(
  content: ReadonlyMap<string, { mode: number; content: Buffer }>,
): ArchiveEntry[] {
  const directories = new Set(["tmp"]);
  for (const file of content.keys()) {
    for (let up = path.dirname(file); up !== "."; up = path.dirname(up)) directories.add(up);
  }
  const entries: ArchiveEntry[] = [...directories].map((directory) => ({
    type: "directory",
    path: directory,
    mode: directory === "tmp" ? 0o1777 : 0o755,
  }));
  for (const [file, { mode, content: bytes }] of content) {
    entries.push({ type: "file", path: file, mode, content: bytes });
  }
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The loader and the libraries that the loader would bring in; none for a static program. */
async function librariesOf(exec: Exec, program: string): Promise<string[]> {
  const { code, stdout } = await exec.run("ldd", [program]);
  if (code !== 0) return [];
  return stdout.split("\n").flatMap((line) => /(?:=> )?(\/[^ ]+) \(0x/.exec(line)?.[1] ?? []);
}

/** What the extension modules in packed directories need besides. */
async function librariesBelow(input: MachineImageInput): Promise<string[]> {
  const modules = (input.directories ?? [])
    .flatMap(filesBelow)
    .filter((file) => /\.so(\.|$)/.test(file));
  const found = await Promise.all(modules.map((file) => librariesOf(input.exec, file)));
  return [...new Set(found.flat())];
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : [];
  });
}
