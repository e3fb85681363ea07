import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fetchDocument } from "./documents.ts";

const answers: Readonly<Record<string, { status: number; body: string }>> = {
  "/good": { status: 200, body: '{"a":1}' },
  "/no-json": { status: 200, body: "<html>" },
  "/elsewhere": { status: 302, body: '{"a":1}' },
  "/endless": { status: 200, body: `"${"a".repeat(300 * 1024)}"` },
};
const server = createServer(({ url = "" }, response) => {
  const { status, body } = answers[url] ?? { status: 404, body: "{}" };
  response.writeHead(status, { location: "/good" }).end(body);
});
let base = "";
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});

it("a JSON document: its content", async () => {
  expect(await fetchDocument(`${base}/good`)).toEqual({ type: "document", content: { a: 1 } });
});

it.each(["/no-json", "/elsewhere", "/endless", "/missing"])("%s: unavailable", async (path) => {
  expect(await fetchDocument(`${base}${path}`)).toEqual({ type: "unavailable" });
});

it("nobody there, by http or https, or no such address: unavailable", async () => {
  const gone = createServer().listen(0, "127.0.0.1");
  await once(gone, "listening");
  const { port } = gone.address() as AddressInfo;
  gone.close();
  await once(gone, "close");
  for (const url of [
    `http://127.0.0.1:${port}/`,
    `https://127.0.0.1:${port}/`,
    "http://a b/",
    "https://",
  ]) {
    expect(await fetchDocument(url)).toEqual({ type: "unavailable" });
  }
});
