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
  const title = `${status} ${reasons[status]}`;
  return [
    "<html>",
    `<head><title>${title}</title></head>`,
    "<body>",
    `<center><h1>${title}</h1></center>`,
    "</body>",
    "</html>",
    "",
  ].join("\r\n");
}

/** A whole answer, for a place where HAProxy would give another status. */
export function rawAnswer(status: keyof typeof reasons): string {
  const body = page(status);
  return [
    `HTTP/1.1 ${status} ${reasons[status]}`,
    "Server: awselb/2.0",
    "Content-Type: text/html",
    `Content-Length: ${body.length}`,
    "",
    body,
  ].join("\r\n");
}
