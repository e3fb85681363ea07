/**
 * Requests as the AWS SDK for JavaScript sends them, byte for byte, made before they are needed: each
 * signed by itself (its own `amz-sdk-invocation-id` is part of what is signed), so that no two are alike.
 */
import { DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

export const callNames = ["GetCallerIdentity", "GetRole", "DescribeSubnets"] as const;
export type CallName = (typeof callNames)[number];

export type Key = { readonly accessKeyId: string; readonly secretAccessKey: string };

export const roleName = "bench";

type HttpRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
};

/** What a client is made with to hand its signed request to `take` in place of sending it. */
function capturing(port: number, credentials: Key, take: (request: HttpRequest) => void) {
  return {
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials,
    maxAttempts: 1,
    requestHandler: {
      handle: (request: HttpRequest) => {
        take(request);
        return Promise.reject(new Error("kept"));
      },
    },
  };
}

function sender(
  name: CallName,
  port: number,
  key: Key,
  take: (request: HttpRequest) => void,
): () => Promise<unknown> {
  const options = capturing(port, key, take);
  switch (name) {
    case "GetCallerIdentity": {
      const client = new STSClient(options);
      return () => client.send(new GetCallerIdentityCommand({}));
    }
    case "GetRole": {
      const client = new IAMClient(options);
      return () => client.send(new GetRoleCommand({ RoleName: roleName }));
    }
    case "DescribeSubnets": {
      const client = new EC2Client(options);
      return () => client.send(new DescribeSubnetsCommand({}));
    }
  }
}

/** `count` requests for the server on `port`, signed now: good for a quarter of an hour. */
export async function signedRequests(
  name: CallName,
  port: number,
  key: Key,
  count: number,
): Promise<string[]> {
  const taken: string[] = [];
  const send = sender(name, port, key, (request) => taken.push(printRequest(request)));
  for (let made = 0; made < count; made++) await send().catch(() => {});
  if (new Set(taken).size !== count) throw new Error(`${name}: not every request is its own`);
  return taken;
}

function printRequest({ method, path, headers, body = "" }: HttpRequest): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${String(body)}`;
}

/** The same request with its form as JSON, which is what the bare server parses. */
export function withJsonBody(request: string): string {
  const [head = "", form = ""] = request.split("\r\n\r\n");
  const body = JSON.stringify(Object.fromEntries(new URLSearchParams(form)));
  const lines = head
    .replace(/^content-type: .*$/im, "content-type: application/json")
    .replace(/^content-length: .*$/im, `content-length: ${Buffer.byteLength(body)}`);
  return `${lines}\r\n\r\n${body}`;
}
