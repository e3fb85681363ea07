/** A gateway with Secrets Manager and the loop in which marked secrets go. */
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { ServiceModule } from "../../gateway/service.ts";
import { startTestGateway, type TestGateway } from "../../gateway/testing.ts";
import { createUpkeepLoop } from "../../loops/upkeep.ts";
import { recordingLogger } from "../../seams/logger.ts";
import { memorySealing, type Sealing } from "../../seams/sealing.ts";
import { secretsmanagerService } from "./service.ts";

export type TestSecrets = AsyncDisposable & {
  readonly cloud: TestGateway;
  readonly client: SecretsManagerClient;
};

/** `others` are made with the same sealing, so that their keys are those of the secrets. */
export async function startTestSecrets(
  others: readonly ((needs: { sealing: Sealing }) => ServiceModule)[] = [],
): Promise<TestSecrets> {
  const sealing = memorySealing();
  const services = [secretsmanagerService, ...others].map((make) => make({ sealing }));
  const cloud = await startTestGateway(services, { sealing });
  const { store, clock, ids } = cloud;
  const loop = createUpkeepLoop({ store, clock, ids, sealing, logger: recordingLogger() });
  loop.start();
  return {
    cloud,
    client: cloud.client(SecretsManagerClient),
    async [Symbol.asyncDispose]() {
      await loop.stop();
      await cloud.close();
    },
  };
}
