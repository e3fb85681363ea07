/** A section of HAProxy's configuration file. */

export type Section = { readonly backend: string | undefined; readonly lines: readonly string[] };

export const section = (
  backend: string | undefined,
  head: string,
  lines: readonly string[],
): Section => ({
  backend,
  lines: [head, ...lines.map((line) => `  ${line}`)],
});
