/** S3's form of an error: so far the only thing that its clients can be told here. */
import type { ErrorCodec } from "./protocol.ts";
import { escapeXml } from "./xml.ts";

export const s3Errors: ErrorCodec = {
  encodeError(error, _model, requestId) {
    const code = `<Code>${escapeXml(error.code)}</Code>`;
    const message = `<Message>${escapeXml(error.message)}</Message>`;
    return {
      status: error.status,
      contentType: "application/xml",
      body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${code}${message}<RequestId>${requestId}</RequestId></Error>`,
    };
  },
  codeOf: (refusal) => (refusal === "unknown-operation" ? "NotImplemented" : "InternalError"),
};
