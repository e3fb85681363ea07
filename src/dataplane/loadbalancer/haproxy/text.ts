/** Writing values into HAProxy's configuration language, and the answers a balancer gives itself. */

const plain = /^[A-Za-z0-9._~/:-]$/;

/** The text as one word of the configuration, taken literally. */
export function word(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return plain.test(character) ? character : `\\x${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
}

/** The same for a place where `%` begins an expression. */
export const formatWord = (text: string): string => word(text.replaceAll("%", "%%"));

/** ` if a b` of the conditions that there are. */
export function when(...conditions: readonly (string | undefined)[]): string {
  const present = conditions.filter((condition) => condition !== undefined);
  return present.length === 0 ? "" : ` if ${present.join(" ")}`;
}

/** The header by which Elastic Load Balancing marks its own answers, and only those. */
export const serverHeader = "hdr Server awselb/2.0";

export const reasons = {
  301: "Moved Permanently",
  302: "Found",
  400: "Bad Request",
  405: "Method Not Allowed",
  408: "Request Time-out",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Temporarily Unavailable",
  504: "Gateway Time-out",
} as const;

/** The little page of an answer that the balancer makes itself. */
export function page(status: keyof typeof reasons): string {
  return pageOf(`${status} ${reasons[status]}`);
}

/** The same as a word of the configuration, its title being an expression. */
export const pageWith = (title: string): string =>
  pageOf("\0").split("\0").map(formatWord).join(title);

const pageOf = (title: string): string =>
  [
    "<html>",
    `<head><title>${title}</title></head>`,
    "<body>",
    `<center><h1>${title}</h1></center>`,
    "</body>",
    "</html>",
    "",
  ].join("\r\n");
