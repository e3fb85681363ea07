/**
 * The policies that AWS manages, the same in every account and engine.
 *
 * `aws-managed-policies/catalogue.json` names all of them; those that stacks around ECS attach have
 * their document beside it. The others can be found, listed and attached, and allow nothing here.
 * Everything is read from disk when it is first asked for.
 */
import { readFileSync } from "node:fs";
import type { ManagedPolicy } from "../model/iam.ts";
import { globalRegion } from "../model/scope.ts";
import { iamAlphabet, sequentialIds } from "../seams/ids.ts";

/** By path. What is documented has its default version and when it was created and updated. */
type Catalogue = {
  readonly [path: string]: {
    readonly documented: { readonly [name: string]: readonly [string, string, string] };
    readonly named: readonly string[];
  };
};

type Index = {
  readonly byArn: ReadonlyMap<string, ManagedPolicy>;
  readonly names: ReadonlySet<string>;
};

const arnPattern = /^arn:aws:iam::aws:policy(\/(?:[\w./-]+\/)?)([\w+=,.@-]+)$/;
const allowsNothing = JSON.stringify({ Version: "2012-10-17", Statement: [] });
/** When most of them appeared; the dates of policies that have no document here are not kept. */
const unknownDate = "2015-02-06T18:40:00Z";

let index: Index | undefined;
const documents = new Map<string, string>();

/**
 * The policy of an ARN, or undefined when AWS has none of it. A name that is in no catalogue of ours is
 * taken for a policy newer than it; a name that is known with another path does not exist.
 */
export function findAwsPolicy(arn: string): ManagedPolicy | undefined {
  const [, path, name] = arnPattern.exec(arn) ?? [];
  if (path === undefined || name === undefined) return undefined;
  const { byArn, names } = readIndex();
  const known = byArn.get(arn);
  if (known) return known;
  return names.has(name) ? undefined : toNamed(path, name);
}

/** All of the catalogue, by ARN. */
export const listAwsPolicies = (): ManagedPolicy[] => [...readIndex().byArn.values()];

/** Whether a policy of AWS's is one whose document is not here, so that it allows nothing. */
export const isUndocumented = (policy: ManagedPolicy): boolean =>
  policy.account === "aws" && policy.versions.at(-1)?.document === allowsNothing;

function readIndex(): Index {
  index ??= makeIndex(JSON.parse(readData("catalogue")) as Catalogue);
  return index;
}

function makeIndex(catalogue: Catalogue): Index {
  const policies = Object.entries(catalogue).flatMap(([path, { documented, named }]) => [
    ...Object.entries(documented).map(([name, facts]) => toDocumented(path, name, facts)),
    ...named.map((name) => toNamed(path, name)),
  ]);
  const byArn = new Map(policies.map((policy) => [policy.arn, policy]));
  return { byArn, names: new Set(policies.map((policy) => policy.name)) };
}

function toDocumented(
  path: string,
  name: string,
  [versionId, created, updated]: readonly [string, string, string],
): ManagedPolicy {
  const version = {
    id: versionId,
    createdAt: Date.parse(updated),
    get document(): string {
      return readDocument(name);
    },
  };
  return toPolicy({ path, name, version, createdAt: Date.parse(created) });
}

function toNamed(path: string, name: string): ManagedPolicy {
  const createdAt = Date.parse(unknownDate);
  const version = { id: "v1", createdAt, document: allowsNothing };
  return toPolicy({ path, name, version, createdAt });
}

type PolicyInput = Pick<ManagedPolicy, "path" | "name" | "createdAt"> & {
  readonly version: ManagedPolicy["versions"][number];
};

const toPolicy = ({ path, name, version, createdAt }: PolicyInput): ManagedPolicy => ({
  account: "aws",
  region: globalRegion,
  arn: `arn:aws:iam::aws:policy${path}${name}`,
  id: `ANPA${sequentialIds(seedOf(path + name)).pick(iamAlphabet, 17)}`,
  name,
  path,
  description: undefined,
  versions: [version],
  defaultVersionId: version.id,
  lastVersion: Number(version.id.slice(1)),
  createdAt,
  updatedAt: version.createdAt,
  tags: [],
});

function readDocument(name: string): string {
  const known = documents.get(name);
  if (known !== undefined) return known;
  const text = JSON.stringify(JSON.parse(readData(name)), undefined, 4);
  documents.set(name, text);
  return text;
}

const readData = (name: string): string =>
  readFileSync(new URL(`./aws-managed-policies/${name}.json`, import.meta.url), "utf8");

/** The same policy has the same id in every engine. */
const seedOf = (text: string): number =>
  [...text].reduce((seed, letter) => (Math.imul(seed, 31) + letter.charCodeAt(0)) >>> 0, 7);
