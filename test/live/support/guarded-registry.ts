/**
 * A private registry on this machine: one repository of the engine's own ECR under the name `app`, behind a
 * user name and a password that are asked for as registries do, by Basic or by tokens.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type GuardedRegistry = {
  /** `127.0.0.1:<port>/app`, which Docker reaches without TLS. */
  readonly repository: string;
  close(): Promise<void>;
};

export type GuardedRegistryInput = {
  readonly scheme: "basic" | "token";
  /** `user:password`. */
  readonly login: string;
  /** `<host>:<port>/<path>` of a repository that the login opens. */
  readonly upstream: string;
  readonly upstreamLogin: string;
};

const toBasic = (login: string): string => `Basic ${Buffer.from(login).toString("base64")}`;
const token = "a-token-of-the-guarded-registry";

export async function startGuardedRegistry(input: GuardedRegistryInput): Promise<GuardedRegistry> {
  const { scheme, login, upstream } = input;
  const [host = "", ...path] = upstream.split("/");
  const wanted = scheme === "basic" ? toBasic(login) : `Bearer ${token}`;

  const refuse = (response: ServerResponse): void => {
    const realm = `http://${address()}/token`;
    const challenge =
      scheme === "basic"
        ? 'Basic realm="guarded"'
        : `Bearer realm="${realm}",service="guarded",scope="repository:app:pull"`;
    response.writeHead(401, { "Content-Type": "application/json", "WWW-Authenticate": challenge });
    response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
  };
  const giveToken = (asked: IncomingMessage, response: ServerResponse): void => {
    if (asked.headers.authorization !== toBasic(login)) {
      response.writeHead(401, { "Content-Type": "application/json" });
      response.end(
        '{"errors":[{"code":"UNAUTHORIZED","message":"incorrect username or password"}]}',
      );
      return;
    }
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ token, expires_in: 300 }));
  };
  const pass = (asked: IncomingMessage, response: ServerResponse): void => {
    const [hostname, port] = host.split(":");
    const inner = asked.url?.replace(/^\/v2\/app\//, `/v2/${path.join("/")}/`);
    const { accept } = asked.headers;
    const headers = { Authorization: toBasic(input.upstreamLogin), ...(accept && { accept }) };
    const onward = request({ hostname, port, path: inner, method: asked.method, headers });
    onward.once("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.once("error", () => response.writeHead(502).end());
    onward.end();
  };

  const server = createServer((asked, response) => {
    if (scheme === "token" && asked.url?.startsWith("/token")) giveToken(asked, response);
    else if (asked.headers.authorization !== wanted) refuse(response);
    else pass(asked, response);
  });
  const address = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    repository: `${address()}/app`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
