/** The format of flow log records, as it is given. */
import { defaultLogFormat, flowLogFields } from "../../model/flow-log-fields.ts";
import { invalidParameterValue } from "./errors.ts";

/** The format as given, or the default one. Throws on a field that there is not. */
export function logFormatOf(text: string | undefined): string {
  if (!text) return defaultLogFormat;
  for (const part of text.trim().split(/\s+/)) {
    const name = /^\$\{([a-z-]+)\}$/.exec(part)?.[1];
    if (name !== undefined && Object.hasOwn(flowLogFields, name)) continue;
    throw invalidParameterValue(`Unknown fields provided: ${part}`);
  }
  return text;
}
