/**
 * Blob uploads: begun by POST, filled by PATCH, ended by PUT; or all in one POST; or none at all when
 * another repository's blob is mounted. They live as long as this process: a client that comes back
 * to a restarted engine is told that the upload is unknown and begins that blob again.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { isDigest } from "../../model/ecr.ts";
import type { Clock, Timer } from "../../seams/clock.ts";
import type { Ids } from "../../seams/ids.ts";
import {
  digestInvalid,
  type Headers,
  methodNotAllowed,
  RefusalError,
  sendEmpty,
} from "./answers.ts";
import type { BlobStore, BlobUpload, RegistryCatalog, RepositoryName } from "./port.ts";
import { parseRepositoryName } from "./route.ts";

export type UploadsOptions = {
  readonly blobs: BlobStore;
  readonly catalog: RegistryCatalog;
  readonly clock: Clock;
  readonly ids: Ids;
};

export type Uploads = {
  begin(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    name: RepositoryName,
  ): Promise<void>;
  proceed(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    name: RepositoryName,
    id: string,
  ): Promise<void>;
  /** Throws away what is under way. */
  stop(): Promise<void>;
};

/** An upload that nobody touches for so long is given up. */
const idleMs = 60 * 60 * 1000;

type Session = { upload: BlobUpload; name: RepositoryName; busy: boolean; expiry: Timer };

export function createUploads(options: UploadsOptions): Uploads {
  const { blobs, catalog, clock, ids } = options;
  const sessions = new Map<string, Session>();

  const discard = async (id: string): Promise<void> => {
    const session = sessions.get(id);
    sessions.delete(id);
    session?.expiry.cancel();
    await session?.upload.discard();
  };

  const expireLater = (id: string): Timer =>
    clock.wallAfter(idleMs, () => void discard(id).catch(() => {}));

  const open = async (name: RepositoryName): Promise<string> => {
    const id = ids.uuid();
    sessions.set(id, {
      upload: await blobs.beginUpload(id),
      name,
      busy: false,
      expiry: expireLater(id),
    });
    return id;
  };

  const find = (name: RepositoryName, id: string): Session => {
    const session = sessions.get(id);
    if (!session || placeOf(session.name) !== placeOf(name)) throw uploadUnknown(id);
    return session;
  };

  /** Runs `work` alone on a session and gives it a fresh lease. */
  const hold = async (id: string, session: Session, work: () => Promise<void>): Promise<void> => {
    if (session.busy) throw uploadInvalid("another request is writing to this upload");
    session.busy = true;
    session.expiry.cancel();
    try {
      await work();
    } finally {
      session.busy = false;
      if (sessions.has(id)) session.expiry = expireLater(id);
    }
  };

  const finish = async (id: string, session: Session, digest: string): Promise<Headers> => {
    sessions.delete(id);
    const placed = await session.upload.commit(digest, (size) => {
      catalog.addBlob({ ...session.name, digest }, size);
    });
    if (!placed) throw digestInvalid();
    return blobHeaders(session.name, digest);
  };

  const beginWhole = async (
    request: IncomingMessage,
    name: RepositoryName,
    digest: string,
  ): Promise<Headers> => {
    const id = await open(name);
    const session = find(name, id);
    try {
      await hold(id, session, () => session.upload.append(request));
    } catch (error) {
      await discard(id);
      throw error;
    }
    session.expiry.cancel();
    return finish(id, session, digest);
  };

  return {
    async begin(request, response, url, name) {
      const mount = url.searchParams.get("mount");
      const from = parseRepositoryName(
        url.searchParams.get("from") ?? "",
        request.headers.host ?? "",
      );
      const mayMount = mount && isDigest(mount) && from?.account === name.account;
      if (mayMount && catalog.mountBlob({ ...name, digest: mount }, from)) {
        request.resume();
        return sendEmpty(response, 201, blobHeaders(name, mount));
      }
      const digest = url.searchParams.get("digest");
      if (digest !== null) {
        if (!isDigest(digest)) throw digestInvalid();
        return sendEmpty(response, 201, await beginWhole(request, name, digest));
      }
      request.resume();
      const id = await open(name);
      sendEmpty(response, 202, uploadHeaders(name, id, 0));
    },

    async proceed(request, response, url, name, id) {
      const session = find(name, id);
      switch (request.method) {
        case "GET":
        case "HEAD":
          return sendEmpty(response, 204, uploadHeaders(name, id, session.upload.size()));
        case "PATCH":
          checkRange(request, name, id, session.upload.size());
          await hold(id, session, () => session.upload.append(request));
          return sendEmpty(response, 202, uploadHeaders(name, id, session.upload.size()));
        case "PUT": {
          const digest = url.searchParams.get("digest") ?? "";
          if (!isDigest(digest)) throw digestInvalid();
          checkRange(request, name, id, session.upload.size());
          await hold(id, session, () => session.upload.append(request));
          session.expiry.cancel();
          return sendEmpty(response, 201, await finish(id, session, digest));
        }
        case "DELETE":
          if (session.busy) throw uploadInvalid("another request is writing to this upload");
          await discard(id);
          return sendEmpty(response, 204, {});
        default:
          throw methodNotAllowed();
      }
    },

    async stop() {
      await Promise.all([...sessions.keys()].map(discard));
    },
  };
}

/** A part that says where it begins must begin where the upload is. */
function checkRange(
  request: IncomingMessage,
  name: RepositoryName,
  id: string,
  size: number,
): void {
  const range = request.headers["content-range"];
  if (range === undefined) return;
  const start = /^(?:bytes[ =])?(\d+)-\d+/.exec(range)?.[1];
  if (start !== undefined && Number(start) === size) return;
  throw new RefusalError(
    {
      status: 416,
      code: "BLOB_UPLOAD_INVALID",
      message: `the upload has ${size} bytes, the part does not begin there`,
    },
    uploadHeaders(name, id, size),
  );
}

const placeOf = (name: RepositoryName): string =>
  `${name.account}/${name.region}/${name.repository}`;

const blobHeaders = (name: RepositoryName, digest: string): Headers => ({
  Location: `/v2/${placeOf(name)}/blobs/${digest}`,
  "Docker-Content-Digest": digest,
});

const uploadHeaders = (name: RepositoryName, id: string, size: number): Headers => ({
  Location: `/v2/${placeOf(name)}/blobs/uploads/${id}`,
  "Docker-Upload-UUID": id,
  Range: `0-${Math.max(0, size - 1)}`,
});

const uploadUnknown = (id: string): RefusalError =>
  new RefusalError({
    status: 404,
    code: "BLOB_UPLOAD_UNKNOWN",
    message: "blob upload unknown to registry",
    detail: id,
  });

const uploadInvalid = (message: string): RefusalError =>
  new RefusalError({ status: 400, code: "BLOB_UPLOAD_INVALID", message });
