/**
 * Long lists that pass through: a member of a request that is left as it came, for whoever stores it to
 * read, and a member of an answer that is JSON already. Neither is walked through by the thread that
 * all requests share.
 */

/** A request of which one member is left undecoded. */
export type UndecodedInput = {
  /** The whole body. */
  readonly body: Uint8Array;
  /** Its other members, as the body seems to have them: whoever reads the body must compare. */
  readonly rest: Readonly<Record<string, unknown>>;
  /** All of it, as it is decoded otherwise. Throws what is wrong with it. */
  readonly decode: () => unknown;
};

/** Smaller bodies are decoded sooner than they are handed on. */
const smallestBytes = 4_096;
/** Other members must be that near to either end. */
const reach = 2_048;

const scalar = '"(?:[^"\\\\]|\\\\.)*"|null|true|false|-?\\d+';

/** The members beside the list `member`, if the body shows them before and after it. */
export function peekRest(
  body: Buffer,
  member: string,
): Readonly<Record<string, unknown>> | undefined {
  if (body.length < smallestBytes) return undefined;
  const pair = `"\\w+"\\s*:\\s*(?:${scalar})`;
  const before = new RegExp(`^\\s*\\{\\s*((?:${pair}\\s*,\\s*)*)"${member}"\\s*:\\s*\\[`);
  const after = new RegExp(`\\]\\s*((?:,\\s*${pair}\\s*)*)\\}\\s*$`);
  const head = before.exec(body.toString("utf8", 0, reach))?.[1];
  const tail = after.exec(body.toString("utf8", body.length - reach))?.[1];
  if (head === undefined || tail === undefined) return undefined;
  try {
    const parts = [head.replace(/,\s*$/, ""), tail.replace(/^\s*,/, "")];
    return JSON.parse(`{${parts.filter((part) => part.trim() !== "").join(",")}}`);
  } catch {
    return undefined;
  }
}

/** A member of an answer that is written already. */
export class EncodedJson {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  value(): unknown {
    return JSON.parse(Buffer.from(this.bytes).toString("utf8"));
  }
}

type Parted = {
  readonly plain: unknown;
  readonly encoded: readonly (readonly [string, EncodedJson])[];
};

/** An answer without its members that are written already, and those. */
export function partEncoded(output: unknown): Parted {
  if (typeof output !== "object" || output === null) return { plain: output, encoded: [] };
  const entries = Object.entries(output);
  const encoded = entries.filter((entry): entry is [string, EncodedJson] => isEncoded(entry[1]));
  if (encoded.length === 0) return { plain: output, encoded };
  return { plain: Object.fromEntries(entries.filter(([, held]) => !isEncoded(held))), encoded };
}

/** For protocols that write in another way. */
export function decodeEncoded(output: unknown): unknown {
  const { plain, encoded } = partEncoded(output);
  if (encoded.length === 0) return output;
  const values = encoded.map(([name, held]) => [name, held.value()] as const);
  return { ...(plain as object), ...Object.fromEntries(values) };
}

const isEncoded = (value: unknown): value is EncodedJson => value instanceof EncodedJson;

/** Puts members that are written already into the text of an object. */
export function joinEncoded(text: string, { encoded }: Pick<Parted, "encoded">): Uint8Array {
  const pieces: Uint8Array[] = [Buffer.from(text.slice(0, -1))];
  let separator = text === "{}" ? "" : ",";
  for (const [name, { bytes }] of encoded) {
    pieces.push(Buffer.from(`${separator}${JSON.stringify(name)}:`), bytes);
    separator = ",";
  }
  return Buffer.concat([...pieces, Buffer.from("}")]);
}
