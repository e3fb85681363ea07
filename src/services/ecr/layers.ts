/** Layers: which of them a repository has. */
import type * as Ecr from "@aws-sdk/client-ecr";
import { read } from "../../gateway/service.ts";
import { isDigest } from "../../model/ecr.ts";
import { findLayer } from "../../state/images.ts";
import { repositoryArns, requireRepository } from "./repositories.ts";

const layerMediaType = "application/vnd.docker.image.rootfs.diff.tar.gzip";

export const batchCheckLayerAvailability = read<
  Ecr.BatchCheckLayerAvailabilityRequest,
  Ecr.BatchCheckLayerAvailabilityResponse
>({
  action: "ecr:BatchCheckLayerAvailability",
  resources: repositoryArns,
  accepts: { registryId: true, repositoryName: true, layerDigests: true },
  run(context, input) {
    const { account, region, name } = requireRepository(context, input);
    const layers: Ecr.Layer[] = [];
    const failures: Ecr.LayerFailure[] = [];
    for (const digest of input.layerDigests ?? []) {
      if (!isDigest(digest)) {
        failures.push({
          layerDigest: digest,
          failureCode: "InvalidLayerDigest",
          failureReason: "Invalid layer digest",
        });
        continue;
      }
      const layer = findLayer(context.tx, { account, region, repository: name, digest });
      layers.push({
        layerDigest: digest,
        layerAvailability: layer ? "AVAILABLE" : "UNAVAILABLE",
        layerSize: layer?.sizeBytes,
        mediaType: layer && layerMediaType,
      });
    }
    return { layers, failures };
  },
});
