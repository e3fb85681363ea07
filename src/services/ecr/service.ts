/** Amazon ECR, as far as images for tasks need it. */
import type { BlobStore } from "../../dataplane/registry/port.ts";
import type { ServiceModule } from "../../gateway/service.ts";
import { getAuthorizationToken } from "./authorization.ts";
import type { RegistryCredentials } from "./credentials.ts";
import { explainBroken, invalidParameter } from "./errors.ts";
import { batchDeleteImage, batchGetImage, describeImages, listImages } from "./images.ts";
import { layerUploadOperations } from "./layer-uploads.ts";
import { batchCheckLayerAvailability } from "./layers.ts";
import {
  deleteLifecyclePolicy,
  deleteRepositoryPolicy,
  getLifecyclePolicy,
  getRepositoryPolicy,
  putLifecyclePolicy,
  setRepositoryPolicy,
} from "./policies.ts";
import { putImageOperation } from "./put-image.ts";
import {
  createRepository,
  deleteRepository,
  describeRepositories,
  putImageScanningConfiguration,
  putImageTagMutability,
} from "./repositories.ts";
import { listTagsForResource, tagResource, untagResource } from "./tags.ts";

export type EcrDependencies = {
  readonly credentials: RegistryCredentials;
  readonly blobs: BlobStore;
};

export function ecrService({ credentials, blobs }: EcrDependencies): ServiceModule {
  return {
    name: "ecr",
    tagOnCreate: { CreateRepository: { action: "ecr:TagResource" } },
    missingMember: (member) => invalidParameter(member, "must not be null"),
    brokenConstraint: explainBroken,
    operations: {
      BatchCheckLayerAvailability: batchCheckLayerAvailability,
      BatchDeleteImage: batchDeleteImage,
      BatchGetImage: batchGetImage,
      CreateRepository: createRepository,
      DeleteLifecyclePolicy: deleteLifecyclePolicy,
      DeleteRepository: deleteRepository,
      DeleteRepositoryPolicy: deleteRepositoryPolicy,
      DescribeImages: describeImages,
      DescribeRepositories: describeRepositories,
      GetAuthorizationToken: getAuthorizationToken(credentials),
      GetLifecyclePolicy: getLifecyclePolicy,
      GetRepositoryPolicy: getRepositoryPolicy,
      ListImages: listImages,
      ListTagsForResource: listTagsForResource,
      PutImage: putImageOperation,
      PutImageScanningConfiguration: putImageScanningConfiguration,
      PutImageTagMutability: putImageTagMutability,
      PutLifecyclePolicy: putLifecyclePolicy,
      SetRepositoryPolicy: setRepositoryPolicy,
      TagResource: tagResource,
      UntagResource: untagResource,
      ...layerUploadOperations(blobs),
    },
  };
}
