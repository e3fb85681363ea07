/**
 * `/_neargate/tasks/<task id>/endpoint/<path>`: what a task gets at `http://169.254.170.2/<path>`, for people
 * who look into it, and for simulated tasks, which have no process that could ask.
 */
import type { IncomingMessage } from "node:http";
import type { ExtraRoute } from "../gateway/server.ts";
import type { MetadataLoop } from "../loops/metadata.ts";

const pattern = /^\/_neargate\/tasks\/([^/?]+)\/endpoint(\/[^?]*)/;
const longestBody = 64 * 1024;

export const taskEndpointRoute = (endpoint: Pick<MetadataLoop, "answerFor">): ExtraRoute => ({
  match: ({ url = "" }) => pattern.test(url),
  async handle(request, response) {
    const [, taskId = "", path = ""] = pattern.exec(request.url ?? "") ?? [];
    const body = await readBody(request);
    const asked = { method: request.method ?? "", path, body };
    const found = await endpoint.answerFor(taskId, asked);
    const { status, body: told } = found ?? {
      status: 404,
      body: `task ${taskId} is not there, or has no address now`,
    };
    response.writeHead(status, { "content-type": "application/json" });
    response.end(`${JSON.stringify(told)}\n`);
  },
});

/** What is too long is cut: none of the endpoint's requests is. */
async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request as AsyncIterable<Buffer>) {
    text = (text + chunk.toString("utf8")).slice(0, longestBody);
  }
  return text;
}
