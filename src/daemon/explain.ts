/** `/_neargate/explain`: whether a flow gets through the VPC, and which step stops it. */
import { explain } from "../engine/network-path/explain.ts";
import { ApiError } from "../gateway/api-error.ts";
import { readNetworkRecords } from "../state/network-records.ts";
import type { Store } from "../state/store.ts";
import { tasks } from "../state/tables/ecs.ts";
import { loadBalancers } from "../state/tables/load-balancing.ts";
import type { ControlRoute } from "./control.ts";

const protocols = ["tcp", "udp", "icmp"];
const echoRequest = 8;

export const explainRoute = (store: Store): ControlRoute => ({
  method: "GET",
  path: "explain",
  run(_, { searchParams }) {
    const [from, to] = [required(searchParams, "from"), required(searchParams, "to")];
    const protocol = searchParams.get("protocol") ?? "tcp";
    if (!protocols.includes(protocol)) {
      throw new ApiError("BadRequest", `the protocol is one of ${protocols.join(", ")}`);
    }
    const port = protocol === "icmp" ? echoRequest : portOf(searchParams.get("port") ?? "443");
    const answer = store.read((tx) =>
      explain(
        {
          ...readNetworkRecords(tx),
          tasks: tx.table(tasks).all(),
          loadBalancers: tx.table(loadBalancers).all(),
        },
        { from, to, flow: { protocol, port } },
      ),
    );
    if (answer.type === "unknown") {
      throw new ApiError("NotFound", answer.message, { status: 404 });
    }
    return answer.explanation;
  },
});

function required(parameters: URLSearchParams, name: string): string {
  const value = parameters.get(name);
  if (value) return value;
  throw new ApiError("BadRequest", `say ${name}=…: a task, an interface, an address, 'internet'`);
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return port;
  throw new ApiError("BadRequest", `'${text}' is no port`);
}
