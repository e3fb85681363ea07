/** A registry with one image, for trying how a daemon pulls; it counts what it is asked. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";

export type SmallRegistry = {
  /** `127.0.0.1:<port>/app` */
  readonly repository: string;
  readonly digest: string;
  requests(): number;
  close(): Promise<void>;
};

type Blob = { readonly digest: string; readonly bytes: Buffer; readonly type: string };

const blobOf = (bytes: Buffer, type: string): Blob => ({
  bytes,
  type,
  digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}`,
});

/** Serves `app:v1`, to anybody or to who knows the password; `app:both` is of amd64 and of arm64. */
export async function startSmallRegistry(password?: string): Promise<SmallRegistry> {
  const native = process.arch === "x64" ? "amd64" : process.arch;
  const { manifest, blobs } = await makeImage(native);
  const both = await Promise.all(["amd64", "arm64"].map(makeImage));
  const index = makeIndex(both.map((image) => image.manifest));
  const tags = new Map([
    ["/v2/app/manifests/v1", manifest],
    ["/v2/app/manifests/both", index],
  ]);
  const others = [index, ...both.flatMap((image) => [image.manifest, ...image.blobs])];
  const all = [manifest, ...blobs, ...others];
  let requests = 0;
  const wanted = password && `Basic ${Buffer.from(`AWS:${password}`).toString("base64")}`;

  const respond = (request: IncomingMessage, response: ServerResponse): void => {
    requests += 1;
    if (wanted && request.headers.authorization !== wanted) {
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="small"' });
      response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
      return;
    }
    const path = request.url ?? "";
    if (path === "/v2/") {
      response.writeHead(200, { "Content-Type": "application/json" });
      response.end("{}");
      return;
    }
    const found = tags.get(path) ?? all.find(({ digest }) => path.endsWith(digest));
    if (!found) {
      response.writeHead(404, { "Content-Type": "application/json" });
      response.end(
        '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"Requested image not found"}]}',
      );
      return;
    }
    response.writeHead(200, {
      "Content-Type": found.type,
      "Content-Length": found.bytes.length,
      "Docker-Content-Digest": found.digest,
    });
    response.end(request.method === "HEAD" ? undefined : found.bytes);
  };

  const server = createServer(respond);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    repository: `127.0.0.1:${port}/app`,
    digest: manifest.digest,
    requests: () => requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const docker = "application/vnd.docker";

const descriptorOf = ({ digest, type, bytes }: Blob) => ({
  mediaType: type,
  size: bytes.length,
  digest,
});

function makeIndex(manifests: readonly Blob[]): Blob {
  const mediaType = `${docker}.distribution.manifest.list.v2+json`;
  const index = {
    schemaVersion: 2,
    mediaType,
    manifests: manifests.map((one, at) => ({
      ...descriptorOf(one),
      platform: { os: "linux", architecture: ["amd64", "arm64"][at] },
    })),
  };
  return blobOf(Buffer.from(JSON.stringify(index)), mediaType);
}

async function makeImage(architecture: string): Promise<{ manifest: Blob; blobs: Blob[] }> {
  const stream = pack();
  stream.entry({ name: "hello", mtime: new Date(0) }, "hello\n");
  stream.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const layerTar = Buffer.concat(chunks);
  const layer = blobOf(gzipSync(layerTar), `${docker}.image.rootfs.diff.tar.gzip`);
  const image = {
    architecture,
    os: "linux",
    config: { Entrypoint: ["/hello"], StopSignal: "SIGQUIT" },
    rootfs: { type: "layers", diff_ids: [blobOf(layerTar, "").digest] },
  };
  const config = blobOf(Buffer.from(JSON.stringify(image)), `${docker}.container.image.v1+json`);
  const type = `${docker}.distribution.manifest.v2+json`;
  const manifest = {
    schemaVersion: 2,
    mediaType: type,
    config: descriptorOf(config),
    layers: [descriptorOf(layer)],
  };
  return { manifest: blobOf(Buffer.from(JSON.stringify(manifest)), type), blobs: [config, layer] };
}
