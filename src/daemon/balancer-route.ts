/**
 * Requests at the gateway's port whose Host is a load balancer's name: handed to the balancer, so that
 * clients without `*.localhost` resolution, or without the right to port 80, reach it too.
 */
import { request as forward, type IncomingMessage, type ServerResponse } from "node:http";
import { hostNamesOf } from "../engine/targets/edge-plan.ts";
import type { ExtraRoute } from "../gateway/server.ts";
import type { Store } from "../state/store.ts";
import { loadBalancers } from "../state/tables/load-balancing.ts";

const balancerName = /\.elb\.(?:localhost|amazonaws\.com)(?::\d+)?$/i;

const hostOf = (message: IncomingMessage): string =>
  (message.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();

/** `socket`: the balancers' own, for all of them; undefined when they carry no traffic. */
export function balancerRoute(store: Store, socket: string | undefined): ExtraRoute {
  const isKnown = (host: string): boolean =>
    store.read((tx) =>
      tx
        .table(loadBalancers)
        .all()
        .some((balancer) => hostNamesOf(balancer).includes(host)),
    );
  return {
    anyOrigin: true,
    match: ({ headers }) => balancerName.test(headers.host ?? ""),
    handle(request, response) {
      const host = hostOf(request);
      if (!isKnown(host)) return refuse(response, 404, `There is no load balancer named ${host}.`);
      if (!socket) return refuse(response, 503, "Simulated load balancers carry no traffic.");
      passOn(request, response, socket);
    },
  };
}

function passOn(request: IncomingMessage, response: ServerResponse, socketPath: string): void {
  const { method, url, headers } = request;
  const outgoing = forward({ socketPath, method, path: url, headers, setHost: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(response);
  });
  // Silence where the security group is closed ends the connection without an answer.
  outgoing.on("error", () => {
    if (response.headersSent) response.destroy();
    else refuse(response, 502, "The load balancer did not answer.");
  });
  response.on("close", () => outgoing.destroy());
  request.pipe(outgoing);
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { "content-type": "text/plain" });
  response.end(`${sentence}\n`);
}
