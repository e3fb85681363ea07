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

/**
 * A password that has a character of every kind. `pick` draws from an alphabet; places of the
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
  for (const kind of kinds) {
    const [place = 0] = places.splice(Math.floor(draw.fraction() * places.length), 1);
    characters[place] = draw.pick(kind, 1);
  }
  return characters.join("");
}
