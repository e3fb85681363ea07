/** Writers of log lines for benchmarks, each on a thread of its own, and a server that throws lines away. */
import { Worker } from "node:worker_threads";

/** A server on a thread of its own that reads what comes and keeps nothing. */
export async function startSink(): Promise<{ readonly url: string; end(): Promise<number> }> {
  const script = `
    const { parentPort } = require("node:worker_threads");
    const { createServer } = require("node:http");
    const server = createServer((request, response) => {
      const parts = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () => { Buffer.concat(parts); response.end("{}"); });
    });
    server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));`;
  const worker = new Worker(script, { eval: true });
  const port = await new Promise<number>((resolve) => worker.once("message", resolve));
  return { url: `http://127.0.0.1:${port}/`, end: () => worker.terminate() };
}

/** Writes lines from a thread of its own, at the wanted rate, while it is told to. */
export function startLogWriter(url: string, wantedRate: number) {
  const script = `
    const { parentPort, workerData } = require("node:worker_threads");
    const { Agent, request } = require("node:http");
    const { endpoint, rate, lines, headers } = workerData;
    const agent = new Agent({ keepAlive: true });
    let on = false, written = 0, busy = 0;
    const line = "GET /orders/17 200 12 ms 3456 bytes from 10.0.3.17 by user 4711 and so on, as lines are";
    const put = (stream) => {
      const timestamp = Date.now();
      const logEvents = Array.from({ length: lines }, () => ({ timestamp, message: line }));
      const body = JSON.stringify({ logGroupName: "bench", logStreamName: stream, logEvents });
      busy += 1;
      const sent = request(endpoint, { method: "POST", agent, headers: { ...headers,
        "content-length": Buffer.byteLength(body) } }, (response) => {
        response.resume();
        response.on("end", () => { busy -= 1; if (response.statusCode === 200) written += lines; });
      });
      sent.on("error", () => { busy -= 1; });
      sent.end(body);
    };
    let turn = 0;
    setInterval(() => { if (on && busy < 8) put("web/app/" + (turn++ % 10)); }, 1000 * lines / rate);
    parentPort.on("message", (message) => {
      if (message === "report") { parentPort.postMessage(written); written = 0; }
      else on = message === "go";
    });`;
  const worker = new Worker(script, {
    eval: true,
    workerData: {
      endpoint: url,
      rate: wantedRate * 1.05,
      lines: 250,
      headers: {
        authorization:
          "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/logs/aws4_request, SignedHeaders=host, Signature=0",
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "Logs_20140328.PutLogEvents",
      },
    },
  });
  return {
    tell: (what: "go" | "stop") => worker.postMessage(what),
    written: () =>
      new Promise<number>((resolve) => {
        worker.once("message", resolve);
        worker.postMessage("report");
      }),
    end: () => worker.terminate(),
  };
}

export type LogWriter = ReturnType<typeof startLogWriter>;
