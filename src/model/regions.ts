/** Regions and their availability zones. */

export type Zone = { readonly name: string; readonly id: string; readonly region: string };

type RegionFacts = { readonly idPrefix: string; readonly zones: Readonly<Record<string, number>> };

/** Zone letter to zone number; which letter has which number differs between accounts on AWS. */
const regions: Readonly<Record<string, RegionFacts>> = {
  "ap-northeast-1": { idPrefix: "apne1", zones: { a: 4, c: 1, d: 2 } },
  "ap-northeast-2": { idPrefix: "apne2", zones: { a: 1, b: 2, c: 3, d: 4 } },
  "ap-northeast-3": { idPrefix: "apne3", zones: { a: 3, b: 1, c: 2 } },
  "ap-south-1": { idPrefix: "aps1", zones: { a: 1, b: 3, c: 2 } },
  "ap-southeast-1": { idPrefix: "apse1", zones: { a: 2, b: 1, c: 3 } },
  "ap-southeast-2": { idPrefix: "apse2", zones: { a: 1, b: 3, c: 2 } },
  "ca-central-1": { idPrefix: "cac1", zones: { a: 1, b: 2, d: 4 } },
  "eu-central-1": { idPrefix: "euc1", zones: { a: 2, b: 3, c: 1 } },
  "eu-north-1": { idPrefix: "eun1", zones: { a: 1, b: 2, c: 3 } },
  "eu-west-1": { idPrefix: "euw1", zones: { a: 1, b: 2, c: 3 } },
  "eu-west-2": { idPrefix: "euw2", zones: { a: 2, b: 3, c: 1 } },
  "eu-west-3": { idPrefix: "euw3", zones: { a: 1, b: 2, c: 3 } },
  "sa-east-1": { idPrefix: "sae1", zones: { a: 1, b: 2, c: 3 } },
  "us-east-1": { idPrefix: "use1", zones: { a: 1, b: 2, c: 4, d: 6, e: 3, f: 5 } },
  "us-east-2": { idPrefix: "use2", zones: { a: 1, b: 2, c: 3 } },
  "us-west-1": { idPrefix: "usw1", zones: { a: 3, b: 1 } },
  "us-west-2": { idPrefix: "usw2", zones: { a: 2, b: 1, c: 3, d: 4 } },
};

/** The regions that every account has without opting in. */
export const regionNames: readonly string[] = Object.keys(regions);

/** Those that an account has to opt in to. */
export const optInRegionNames: readonly string[] = [
  "af-south-1",
  "ap-east-1",
  "ap-east-2",
  "ap-south-2",
  "ap-southeast-3",
  "ap-southeast-4",
  "ap-southeast-5",
  "ap-southeast-6",
  "ap-southeast-7",
  "ca-west-1",
  "eu-central-2",
  "eu-south-1",
  "eu-south-2",
  "il-central-1",
  "me-central-1",
  "me-south-1",
  "mx-central-1",
];

/** The region's zones by name; of a region that is not listed, three. */
export function zonesOf(region: string): readonly Zone[] {
  const { idPrefix, zones } = regions[region] ?? {
    idPrefix: shortOf(region),
    zones: { a: 1, b: 2, c: 3 },
  };
  return Object.entries(zones).map(([letter, number]) => ({
    name: `${region}${letter}`,
    id: `${idPrefix}-az${number}`,
    region,
  }));
}

const directions: Readonly<Record<string, string>> = {
  central: "c",
  east: "e",
  north: "n",
  northeast: "ne",
  northwest: "nw",
  south: "s",
  southeast: "se",
  southwest: "sw",
  west: "w",
};

/** `ap-southeast-5` is `apse5`, and `us-gov-east-1` is `usge1`. */
const shortOf = (region: string): string =>
  region
    .split("-")
    .map((part) => (part === "gov" ? "g" : (directions[part] ?? part)))
    .join("");
