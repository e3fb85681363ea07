/**
 * The dependency direction between rooms, and what only `seams` may touch. Pure: sources in,
 * violations out; `check.ts` feeds it the tree and a test feeds it planted violations.
 */

export type SourceFile = { readonly path: string; readonly text: string };

/** Which rooms a room may import, besides itself. A driver also may not import a sibling driver. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  model: [],
  seams: [],
  engine: ["model"],
  state: ["model", "seams", "engine"],
  dataplane: ["model", "seams"],
  loops: ["engine", "state", "dataplane", "model", "seams"],
  gateway: ["model", "seams", "state", "engine", "services", "dataplane"],
  services: ["gateway", "state", "engine", "model", "seams", "dataplane"],
  daemon: ["gateway", "services", "loops", "engine", "state", "dataplane", "model", "seams"],
  cli: ["model", "seams"],
};

/** Words that reach for time, chance or processes behind the seams' back. */
const reserved: readonly { readonly pattern: RegExp; readonly instead: string }[] = [
  { pattern: /\bDate\.now\(/, instead: "Clock" },
  { pattern: /\bnew Date\(\s*\)/, instead: "Clock" },
  { pattern: /(?<!\.)\bset(?:Timeout|Interval)\(/, instead: "Clock" },
  { pattern: /\bperformance\.now\(/, instead: "Clock" },
  { pattern: /\bMath\.random\(/, instead: "Ids" },
  { pattern: /\brandom(?:UUID|Bytes|Int)\b/, instead: "Ids" },
  { pattern: /["'](?:node:)?child_process["']/, instead: "Exec" },
];

const roomOf = (path: string): string | undefined => /^src\/([^/]+)\//.exec(path)?.[1];

const isTest = (path: string): boolean =>
  /\.test\.ts$|\/testing\.ts$|\/conformance\.ts$/.test(path);

/** Every breach in these files, as `path: sentence`. */
export function findViolations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const room = roomOf(file.path);
    if (!room || isTest(file.path)) return [];
    const breaches = importsOf(file).flatMap(
      (target) => explainImport(file.path, room, target) ?? [],
    );
    return [
      ...breaches,
      ...loadedSdk(file, room),
      ...reservedWords(file, room),
      ...promisesOfEngine(file, room),
    ].map((sentence) => `${file.path}: ${sentence}`);
  });
}

/** Statements at the start of a line, and imports at run time; "from" within a text is none. */
const importForms = [
  /^(?:import|export)\b[^;"'`=]*?\bfrom\s*["']([^"'\n]+)["']/gm,
  /^import\s*["']([^"'\n]+)["']/gm,
  /\bimport\(\s*["']([^"'\n]+)["']/g,
];

function importsOf(file: SourceFile): string[] {
  return importForms.flatMap((form) =>
    [...file.text.matchAll(form)].flatMap((match) => match[1] ?? []),
  );
}

function explainImport(path: string, room: string, target: string): string | undefined {
  if (!target.startsWith(".")) return explainPackage(path, room, target);
  const resolved = resolve(path, target);
  const other = roomOf(resolved);
  if (!other) return undefined;
  if (other === room) return explainSibling(path, room, resolved);
  // `up` runs the engine in its own process; it goes in by the front door only.
  if (room === "cli" && resolved === "src/daemon/main.ts") return undefined;
  if (!allowed[room]?.includes(other)) return `${room} may not import ${other} (${target})`;
  const port = /\/(?:port|errors|names)\.ts$/.test(resolved);
  if (other === "dataplane" && room !== "daemon" && !port) {
    return `${room} may import only ports of dataplane (${target})`;
  }
  return undefined;
}

function explainSibling(path: string, room: string, resolved: string): string | undefined {
  if (room !== "dataplane" && room !== "services") return undefined;
  const [mine, theirs] = [path, resolved].map((file) => file.split("/")[2] ?? "");
  const shared = mine?.endsWith(".ts") || theirs?.endsWith(".ts");
  const names = resolved.endsWith("/network/names.ts");
  if (mine === theirs || shared || names) return undefined;
  return `${room}/${mine} may not import its sibling ${theirs}`;
}

function explainPackage(path: string, room: string, target: string): string | undefined {
  const pure = room === "engine" || room === "model";
  if (pure) return `${room} imports nothing from outside (${target})`;
  if (room === "seams" && !target.startsWith("node:")) return `seams imports only Node (${target})`;
  const sdk = target.startsWith("@aws-sdk/") || target.startsWith("@smithy/");
  const runtime = sdk && path !== "src/cli/demo.ts" && !path.startsWith("src/cli/demo/");
  if (runtime && room !== "services" && room !== "gateway")
    return `the SDK is not for ${room} (${target})`;
  return undefined;
}

/** A client package takes as much memory as the whole engine may: only its types are used. */
function loadedSdk(file: SourceFile, room: string): string[] {
  if (room !== "services" && room !== "gateway") return [];
  const loads = /^\s*import (?!type\b)[^;]*["']@(?:aws-sdk|smithy)\//m.test(
    withoutComments(file.text),
  );
  return loads ? ["the SDK is imported for its types only (import type)"] : [];
}

function resolve(path: string, target: string): string {
  const parts = path.split("/").slice(0, -1);
  for (const step of target.split("/")) {
    if (step === "..") parts.pop();
    else if (step !== ".") parts.push(step);
  }
  return parts.join("/");
}

const withoutComments = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "")
    .replace(/^import type\b[^;]*;/gm, "");

function reservedWords(file: SourceFile, room: string): string[] {
  if (room === "seams") return [];
  const code = withoutComments(file.text);
  return reserved
    .filter(({ pattern }) => pattern.test(code))
    .map(({ pattern, instead }) => `${pattern.source} is for seams only; take ${instead}`);
}

function promisesOfEngine(file: SourceFile, room: string): string[] {
  if (room !== "engine" && room !== "model") return [];
  return /\basync\b|\bPromise\b/.test(withoutComments(file.text))
    ? [`${room} returns no promise`]
    : [];
}
