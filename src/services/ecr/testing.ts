/** A gateway with ECR and its registry, and pushes by plain requests as `docker push` makes them. */
import { createHash } from "node:crypto";
import { ECRClient } from "@aws-sdk/client-ecr";
import { memoryBlobStore } from "../../dataplane/registry/blob-memory.ts";
import type { BlobStore } from "../../dataplane/registry/port.ts";
import { createRegistry } from "../../dataplane/registry/registry.ts";
import { startTestGateway, type TestGateway } from "../../gateway/testing.ts";
import { manualClock } from "../../seams/clock.ts";
import { sequentialIds } from "../../seams/ids.ts";
import { recordingLogger } from "../../seams/logger.ts";
import { openStore } from "../../state/store.ts";
import { createRegistryCatalog } from "./catalog.ts";
import { createRegistryCredentials, type RegistryCredentials } from "./credentials.ts";
import { ecrService } from "./service.ts";

export const digestOf = (content: string): string =>
  `sha256:${createHash("sha256").update(content).digest("hex")}`;

export type TestRegistry = {
  readonly cloud: TestGateway;
  readonly ecr: ECRClient;
  readonly blobs: BlobStore;
  readonly credentials: RegistryCredentials;
  /** A request to `/v2/<account>/<region>/<path>` with a good password. */
  call(path: string, init?: RequestInit): Promise<Response>;
  /** Pushes an image whose layer is `content`; gives the manifest's answer. */
  push(repository: string, tag: string, content: string): Promise<Response>;
};

/** Blobs are kept in memory unless a store is given, which must have been started. */
export async function startTestRegistry(
  blobs: BlobStore = memoryBlobStore(),
): Promise<TestRegistry & AsyncDisposable> {
  const store = openStore(undefined);
  const clock = manualClock();
  const ids = sequentialIds();
  const credentials = createRegistryCredentials({ store, ids, clock });
  const catalog = createRegistryCatalog({ store, clock });
  const logger = recordingLogger();
  const registry = createRegistry({ blobs, catalog, passwords: credentials, clock, ids, logger });
  const cloud = await startTestGateway([ecrService({ credentials, blobs })], {
    store,
    clock,
    ids,
    extraRoutes: [
      { match: (request) => request.url?.startsWith("/v2/") ?? false, handle: registry.handle },
    ],
  });
  const { username, password } = credentials.registryCredentials(cloud.scope.account);
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const call: TestRegistry["call"] = (path, init = {}) =>
    fetch(`${cloud.url}/v2/${cloud.scope.account}/${cloud.scope.region}/${path}`, {
      ...init,
      headers: { authorization, ...(init.headers as Record<string, string>) },
    });
  const pushBlob = async (repository: string, content: string): Promise<void> => {
    const path = `${repository}/blobs/uploads/?digest=${digestOf(content)}`;
    await call(path, { method: "POST", body: content });
  };
  return {
    cloud,
    ecr: cloud.client(ECRClient),
    blobs,
    credentials,
    call,
    async push(repository, tag, content) {
      await pushBlob(repository, "{}");
      await pushBlob(repository, content);
      return call(`${repository}/manifests/${tag}`, {
        method: "PUT",
        body: manifestOf(content),
        headers: { "content-type": "application/vnd.oci.image.manifest.v1+json" },
      });
    },
    async [Symbol.asyncDispose]() {
      await registry.stop();
      await cloud.close();
      store.close();
    },
  };
}

/** The manifest of an image with an empty configuration and one layer. */
export const manifestOf = (content: string): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: {
      mediaType: "application/vnd.oci.image.config.v1+json",
      digest: digestOf("{}"),
      size: 2,
    },
    layers: [
      {
        mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
        digest: digestOf(content),
        size: content.length,
      },
    ],
  });
