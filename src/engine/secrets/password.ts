/** Which characters a random password is made of. */

export type PasswordOptions = {
  readonly length: number;
  readonly exclude: string;
  readonly excludeNumbers: boolean;
  readonly excludePunctuation: boolean;
  readonly excludeUppercase: boolean;
  readonly excludeLowercase: boolean;
  readonly includeSpace: boolean;
};

const letters = "abcdefghijklmnopqrstuvwxyz";
const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/** The kinds of characters that are left, each without what is excluded; empty ones are gone. */
export function passwordKinds(options: PasswordOptions): readonly string[] {
  const kinds = [
    options.excludeLowercase ? "" : letters,
    options.excludeUppercase ? "" : letters.toUpperCase(),
    options.excludeNumbers ? "" : "0123456789",
    options.excludePunctuation ? "" : punctuation,
    options.includeSpace ? " " : "",
  ];
  const left = kinds.map((kind) =>
    [...kind].filter((character) => !options.exclude.includes(character)).join(""),
  );
  return left.filter((kind) => kind !== "");
}

/** The kinds that a password may have to have: a space is allowed, and never needed. */
export const neededKinds = (kinds: readonly string[]): readonly string[] =>
  kinds.filter((kind) => kind !== " ");

/**
 * A password that has a character of every kind but the space. `pick` draws from an alphabet; places of the
 * characters that stand for the kinds are drawn as well.
 */
export function makePassword(
  kinds: readonly string[],
  length: number,
  eachKind: boolean,
  draw: { pick: (alphabet: string, length: number) => string; fraction: () => number },
): string {
  const characters = [...draw.pick(kinds.join(""), length)];
  if (!eachKind) return characters.join("");
  const places = characters.map((_, place) => place);
  for (const kind of neededKinds(kinds)) {
    const [place = 0] = places.splice(Math.floor(draw.fraction() * places.length), 1);
    characters[place] = draw.pick(kind, 1);
  }
  return characters.join("");
}
