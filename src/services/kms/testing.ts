/** A gateway with KMS and the loop that keeps it up. */
import { KMSClient } from "@aws-sdk/client-kms";
import { startTestGateway, type TestGateway } from "../../gateway/testing.ts";
import { createUpkeepLoop } from "../../loops/upkeep.ts";
import { recordingLogger } from "../../seams/logger.ts";
import { memorySealing, type Sealing } from "../../seams/sealing.ts";
import { kmsService } from "./service.ts";

export type TestKms = AsyncDisposable & {
  readonly cloud: TestGateway;
  readonly kms: KMSClient;
  readonly sealing: Sealing;
};

export async function startTestKms(): Promise<TestKms> {
  const sealing = memorySealing();
  const cloud = await startTestGateway([kmsService({ sealing })]);
  const { store, clock, ids } = cloud;
  const loop = createUpkeepLoop({ store, clock, ids, sealing, logger: recordingLogger() });
  loop.start();
  return {
    cloud,
    kms: cloud.client(KMSClient),
    sealing,
    async [Symbol.asyncDispose]() {
      await loop.stop();
      await cloud.close();
    },
  };
}
