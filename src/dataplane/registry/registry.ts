/**
 * The registry that stock `docker login`, `push` and `pull` speak to, on the gateway's port: the OCI
 * distribution protocol over the repositories of ECR, with AWS's refusals.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { formatArn } from "../../model/arn.ts";
import type { Clock } from "../../seams/clock.ts";
import type { Ids } from "../../seams/ids.ts";
import type { Logger } from "../../seams/logger.ts";
import { methodNotAllowed, RefusalError, sendEmpty, sendJson, sendRefusal } from "./answers.ts";
import { serveBlob } from "./blobs.ts";
import { serveManifest, serveReferrers, serveTags } from "./manifests.ts";
import type { BlobStore, PasswordVerifier, RegistryCatalog, RepositoryName } from "./port.ts";
import { parseRegistryRoute, type RegistryRoute } from "./route.ts";
import { createUploads, type Uploads } from "./uploads.ts";

export type RegistryOptions = {
  readonly blobs: BlobStore;
  readonly catalog: RegistryCatalog;
  readonly passwords: PasswordVerifier;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
};

export type Registry = {
  /** Answers any request under `/v2`. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Gives up uploads under way. */
  stop(): Promise<void>;
};

type Identity = { readonly account: string; readonly callerArn: string };

export function createRegistry(options: RegistryOptions): Registry {
  const uploads = createUploads(options);
  return {
    async handle(request, response) {
      response.setHeader("Docker-Distribution-Api-Version", "registry/2.0");
      try {
        await answer(options, uploads, request, response);
      } catch (error) {
        answerFailure(options.logger, request, response, error);
      }
    },
    stop: () => uploads.stop(),
  };
}

async function answer(
  options: RegistryOptions,
  uploads: Uploads,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://registry");
  const identity = identify(options.passwords, request);
  if (!identity) return challenge(request, response);
  const route = parseRegistryRoute(decodeURIComponent(url.pathname), request.headers.host ?? "");
  if ("name" in route) {
    authorize(identity, request, route.name);
    const missing = options.catalog.explainMissing(route.name);
    if (missing) throw new RefusalError(missing);
  }
  await dispatch(options, uploads, { request, response, url, route });
}

type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly route: RegistryRoute;
};

async function dispatch(
  options: RegistryOptions,
  uploads: Uploads,
  { request, response, url, route }: Exchange,
): Promise<void> {
  const { catalog } = options;
  switch (route.type) {
    case "base":
      return sendJson(response, 200, {});
    case "uploads":
      if (request.method !== "POST") throw methodNotAllowed();
      return uploads.begin(request, response, url, route.name);
    case "upload":
      return uploads.proceed(request, response, url, route.name, route.id);
    case "blob":
      return serveBlob(options, request, response, { ...route.name, digest: route.digest });
    case "manifest":
      return serveManifest(catalog, request, response, route.name, route.reference);
    case "tags":
      return serveTags(catalog, request, response, url, route.name);
    case "referrers":
      return serveReferrers(catalog, request, response, { ...route.name, digest: route.digest });
    case "invalid-digest":
      throw new RefusalError({ status: 400, code: "DIGEST_INVALID", message: "invalid digest" });
    case "invalid-name":
      throw new RefusalError({
        status: 404,
        code: "NAME_UNKNOWN",
        message: `'${route.path}' names no repository: names here are <account>/<region>/<repository>`,
      });
    case "unknown":
      return sendEmpty(response, 404, {});
  }
}

/** Whose request it is; undefined when it does not say, or says so in a way we did not issue. */
function identify(passwords: PasswordVerifier, request: IncomingMessage): Identity | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (!encoded) return undefined;
  const [, password] = /^AWS:(.+)$/s.exec(Buffer.from(encoded, "base64").toString("utf8")) ?? [];
  const verdict = password === undefined ? undefined : passwords.verify(password);
  if (verdict?.type === "expired") {
    throw denied("Your authorization token has expired. Reauthenticate and try again.");
  }
  return verdict?.type === "valid" ? verdict : undefined;
}

function challenge(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  const body = "Not Authorized\n";
  response
    .writeHead(401, {
      "WWW-Authenticate": `Basic realm="http://${request.headers.host ?? "localhost"}/",service="ecr.amazonaws.com"`,
      "Content-Type": "text/plain; charset=utf-8",
      "Content-Length": body.length,
    })
    .end(body);
}

/** A password opens the repositories of its own account. */
function authorize(identity: Identity, request: IncomingMessage, name: RepositoryName): void {
  if (identity.account === name.account) return;
  const reading = request.method === "GET" || request.method === "HEAD";
  const action = reading ? "ecr:BatchGetImage" : "ecr:InitiateLayerUpload";
  const resource = formatArn("ecr", name, `repository/${name.repository}`);
  throw denied(
    `User: ${identity.callerArn} is not authorized to perform: ${action} on resource: ${resource} ` +
      `because no resource-based policy allows the ${action} action`,
  );
}

const denied = (message: string): RefusalError =>
  new RefusalError({ status: 403, code: "DENIED", message });

function answerFailure(
  logger: Logger,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  if (response.headersSent || response.destroyed) {
    // The client went away in the middle; there is nobody to tell.
    response.destroy();
  } else if (error instanceof RefusalError) {
    sendRefusal(request, response, error.refusal, error.headers);
  } else if (error instanceof URIError) {
    sendRefusal(request, response, { status: 400, code: "NAME_INVALID", message: error.message });
  } else {
    logger.error("registry: a request failed", { url: request.url, error });
    const message = "the registry failed to answer; the engine's log says why";
    sendRefusal(request, response, { status: 500, code: "UNKNOWN", message });
  }
}
