/** Images for tests without Docker. */
import type { ECR } from "@aws-sdk/client-ecr";

export type Pushed = { readonly digest: string; readonly blob: string };

/** Pushes an image of one layer to the repository `app`, through ECR's own API. */
export async function pushImage(ecr: ECR, tag = "v1", content = "layer"): Promise<Pushed> {
  const digests: string[] = [];
  for (const blob of [`{"of":"${content}"}`, content]) {
    const repositoryName = "app";
    const { uploadId } = await ecr.initiateLayerUpload({ repositoryName });
    const layerPartBlob = Buffer.from(blob);
    const digest = await digestOf(blob);
    await ecr.uploadLayerPart({
      repositoryName,
      uploadId,
      partFirstByte: 0,
      partLastByte: layerPartBlob.length - 1,
      layerPartBlob,
    });
    await ecr.completeLayerUpload({ repositoryName, uploadId, layerDigests: [digest] });
    digests.push(digest);
  }
  const [config = "", layer = ""] = digests;
  const { image } = await ecr.putImage({
    repositoryName: "app",
    imageTag: tag,
    imageManifest: JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.docker.distribution.manifest.v2+json",
      config: {
        mediaType: "application/vnd.docker.container.image.v1+json",
        digest: config,
        size: `{"of":"${content}"}`.length,
      },
      layers: [
        {
          mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip",
          digest: layer,
          size: content.length,
        },
      ],
    }),
  });
  return { digest: image?.imageId?.imageDigest ?? "", blob: config };
}

async function digestOf(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", Buffer.from(text));
  return `sha256:${Buffer.from(hash).toString("hex")}`;
}
