/** Names and paths of parameters: what may be one, and AWS's words for what may not. */

export type NameRefusal =
  | { readonly type: "invalid"; readonly message: string }
  /** Under `/aws/`, which is AWS's own. */
  | { readonly type: "reserved"; readonly message: string };

const deepest = 15;
const longest = 1011;

const onlyThese =
  "If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be " +
  "formed as a mix of letters, numbers and the following 3 symbols .-_";

/** What is wrong with the name of a parameter to be put, if anything. */
export function explainName(name: string): NameRefusal | undefined {
  const invalid = (message: string): NameRefusal => ({ type: "invalid", message });
  const isPath = name.startsWith("/") && name.lastIndexOf("/") > 0;
  if (/^\/aws\//i.test(name)) {
    return { type: "reserved", message: `No access to reserved parameter name: ${name}.` };
  }
  if (/^\/?(?:aws|ssm)/i.test(name)) {
    return invalid(
      isPath
        ? `Parameter name: can't be prefixed with "ssm" (case-insensitive). ${onlyThese}`
        : `Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive).`,
    );
  }
  if (name.includes("/") && !name.startsWith("/")) {
    return invalid("Parameter name must be a fully qualified name.");
  }
  const parts = name.replace(/^\//, "").split("/");
  if (!parts.every((part) => /^[a-zA-Z0-9_.-]+$/.test(part))) {
    return invalid(`Parameter name: ${name} is not valid. ${onlyThese}`);
  }
  if (name.length > longest) {
    return invalid(`Parameter name: it can't be longer than ${longest} characters.`);
  }
  return undefined;
}

/** Whether a name has more levels than a hierarchy may have. */
export const isTooDeep = (name: string): boolean =>
  name.replace(/^\//, "").split("/").length > deepest;

export const hierarchyText =
  `Parameter name exceeds the hierarchy limit: a hierarchy can have a maximum of ${deepest} levels. ` +
  "For more information, see Requirements and constraints for parameter names in the AWS Systems Manager User Guide.";

/** What is wrong with a path to look under, if anything. */
export function explainPath(path: string): string | undefined {
  const parts = path.replace(/\/$/, "").split("/").slice(1);
  const shape = path.startsWith("/") && parts.every((part) => /^[a-zA-Z0-9_.-]+$/.test(part));
  const reserved =
    /^\/ssm/i.test(path) || (/^\/aws/i.test(path) && !/^\/aws\/service\b/i.test(path));
  return shape && !reserved
    ? undefined
    : "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a " +
        'forward slash "/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only ' +
        "letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special " +
        "characters are not allowed. All sub-paths, if specified, must use the forward slash symbol " +
        '"/". Valid example: /get/parameters2-/by1./path0_.';
}

/** Whether a parameter lies under a path: right below it, or anywhere below when `recursive`. */
export function isUnder(name: string, path: string, recursive: boolean): boolean {
  const base = path.endsWith("/") ? path : `${path}/`;
  const full = name.startsWith("/") ? name : `/${name}`;
  if (!full.startsWith(base)) return false;
  return recursive || !full.slice(base.length).includes("/");
}

/** A label that a version may have. */
export const isLabel = (label: string): boolean =>
  /^[a-zA-Z_.-][a-zA-Z0-9_.-]{0,99}$/.test(label) && !/^(?:aws|ssm)/i.test(label);

/** A reference to a parameter taken apart: its name and, after a colon, a version or label. */
export type ParameterReference = {
  readonly name: string;
  readonly selector: string | undefined;
};

/** Undefined when there is more than one selector. */
export function parseReference(text: string): ParameterReference | undefined {
  const [name = "", selector, ...more] = text.split(":");
  if (more.length > 0 || name === "" || selector === "") return undefined;
  return { name, selector };
}
