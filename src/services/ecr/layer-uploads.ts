/**
 * Layers pushed through the API instead of the registry: begun, sent part by part, completed. An
 * upload lives as long as the engine's process, and a day at most after its last part.
 */
import { Readable } from "node:stream";
import type * as Ecr from "@aws-sdk/client-ecr";
import type { BlobStore, BlobUpload } from "../../dataplane/registry/port.ts";
import { ApiError } from "../../gateway/api-error.ts";
import { type LiveContext, type LiveOperation, live } from "../../gateway/service.ts";
import { isDigest, type Repository } from "../../model/ecr.ts";
import { findLayer, putLayer } from "../../state/images.ts";
import { invalidParameter } from "./errors.ts";
import { type RepositoryInput, repositoryArns, requireRepository } from "./repositories.ts";

/** In base64 a part must fit into a request. */
const partSize = 5 * 1024 * 1024;
const idleMs = 24 * 60 * 60 * 1000;

type Session = {
  readonly upload: BlobUpload;
  readonly repositoryArn: string;
  readonly touchedAt: number;
};

export type LayerUploadOperations = {
  readonly InitiateLayerUpload: LiveOperation<
    Ecr.InitiateLayerUploadRequest,
    Ecr.InitiateLayerUploadResponse
  >;
  readonly UploadLayerPart: LiveOperation<Ecr.UploadLayerPartRequest, Ecr.UploadLayerPartResponse>;
  readonly CompleteLayerUpload: LiveOperation<
    Ecr.CompleteLayerUploadRequest,
    Ecr.CompleteLayerUploadResponse
  >;
};

export function layerUploadOperations(blobs: BlobStore): LayerUploadOperations {
  const sessions = new Map<string, Session>();

  const dropIdle = async (now: number): Promise<void> => {
    for (const [id, session] of sessions) {
      if (session.touchedAt + idleMs > now) continue;
      sessions.delete(id);
      await session.upload.discard();
    }
  };

  /** Takes the session out, so that no two requests have it; whoever goes on puts it back. */
  const take = (repository: Repository, id: string | undefined): Session => {
    const session = sessions.get(id ?? "");
    if (session?.repositoryArn !== repository.arn) throw uploadNotFound(repository, id);
    sessions.delete(id ?? "");
    return session;
  };

  return {
    InitiateLayerUpload: live<Ecr.InitiateLayerUploadRequest, Ecr.InitiateLayerUploadResponse>({
      action: "ecr:InitiateLayerUpload",
      resources: repositoryArns,
      accepts: { registryId: true, repositoryName: true },
      async run(context, input) {
        const repository = repositoryOf(context, input);
        await dropIdle(context.now);
        const uploadId = context.ids.uuid();
        const upload = await blobs.beginUpload(uploadId);
        sessions.set(uploadId, { upload, repositoryArn: repository.arn, touchedAt: context.now });
        return { uploadId, partSize };
      },
    }),

    UploadLayerPart: live<Ecr.UploadLayerPartRequest, Ecr.UploadLayerPartResponse>({
      action: "ecr:UploadLayerPart",
      resources: repositoryArns,
      accepts: {
        registryId: true,
        repositoryName: true,
        uploadId: true,
        partFirstByte: true,
        partLastByte: true,
        layerPartBlob: true,
      },
      async run(context, input) {
        const repository = repositoryOf(context, input);
        const session = take(repository, input.uploadId);
        try {
          await appendPart(repository, session.upload, input);
        } finally {
          sessions.set(input.uploadId ?? "", { ...session, touchedAt: context.now });
        }
        return {
          ...nameOf(repository),
          uploadId: input.uploadId,
          lastByteReceived: session.upload.size() - 1,
        };
      },
    }),

    CompleteLayerUpload: live<Ecr.CompleteLayerUploadRequest, Ecr.CompleteLayerUploadResponse>({
      action: "ecr:CompleteLayerUpload",
      resources: repositoryArns,
      accepts: { registryId: true, repositoryName: true, uploadId: true, layerDigests: true },
      async run(context, input) {
        const repository = repositoryOf(context, input);
        const [digest] = input.layerDigests ?? [];
        if (digest === undefined || !isDigest(digest)) {
          throw invalidParameter("layerDigests", "must be a SHA-256 digest");
        }
        const { upload } = take(repository, input.uploadId);
        await complete(context, repository, upload, digest);
        return { ...nameOf(repository), uploadId: input.uploadId, layerDigest: digest };
      },
    }),
  };
}

async function appendPart(
  repository: Repository,
  upload: BlobUpload,
  input: Ecr.UploadLayerPartRequest,
): Promise<void> {
  const bytes = Buffer.from(input.layerPartBlob ?? []);
  const { partFirstByte: first = 0, partLastByte: last = -1 } = input;
  if (first !== upload.size() || last - first + 1 !== bytes.length) {
    const { registryId, repositoryName } = nameOf(repository);
    throw new ApiError(
      "InvalidLayerPartException",
      `Invalid layer part upload for upload with id '${input.uploadId}' in repository with name ` +
        `'${repositoryName}' in registry with id '${registryId}'`,
      {
        members: {
          registryId,
          repositoryName,
          uploadId: input.uploadId,
          lastValidByteReceived: upload.size() - 1,
        },
      },
    );
  }
  await upload.append(Readable.from([bytes]));
}

/** Ends the upload one way or the other. */
async function complete(
  context: LiveContext,
  repository: Repository,
  upload: BlobUpload,
  digest: string,
): Promise<void> {
  const { account, region, name } = repository;
  const layer = { account, region, repository: name, digest };
  const refuse = async (code: string, message: string): Promise<never> => {
    await upload.discard();
    throw new ApiError(code, message);
  };
  if (upload.size() === 0) {
    await refuse("EmptyUploadException", "The specified layer upload does not contain any parts.");
  }
  if (context.read((tx) => findLayer(tx, layer))) {
    const message = `Layer with digest '${digest}' already exists in the repository with name '${name}'`;
    await refuse("LayerAlreadyExistsException", message);
  }
  const placed = await upload.commit(digest, (sizeBytes) =>
    context.write((tx) => putLayer(tx, { ...layer, sizeBytes, uploadedAt: context.now })),
  );
  if (placed) return;
  throw new ApiError(
    "InvalidLayerException",
    `The layer digest '${digest}' does not match the digest of the uploaded layer`,
  );
}

const repositoryOf = (context: LiveContext, input: RepositoryInput): Repository =>
  context.read((tx) => requireRepository({ ...context, tx }, input));

const nameOf = ({ account, name }: Repository) => ({ registryId: account, repositoryName: name });

const uploadNotFound = ({ name, account }: Repository, id: string | undefined): ApiError =>
  new ApiError(
    "UploadNotFoundException",
    `The upload with id '${id}' does not exist in the repository with name '${name}' in the ` +
      `registry with id '${account}'`,
  );
