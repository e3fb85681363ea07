/** A gateway with Parameter Store and the loop that lets parameters expire. */
import { SSMClient } from "@aws-sdk/client-ssm";
import { recordedSessions } from "../../dataplane/sessions/testing.ts";
import type { ServiceModule } from "../../gateway/service.ts";
import { startTestGateway, type TestGateway } from "../../gateway/testing.ts";
import { createUpkeepLoop } from "../../loops/upkeep.ts";
import { recordingLogger } from "../../seams/logger.ts";
import { memorySealing, type Sealing } from "../../seams/sealing.ts";
import { ssmService } from "./service.ts";

export type TestSsm = AsyncDisposable & {
  readonly cloud: TestGateway;
  readonly ssm: SSMClient;
  readonly sealing: Sealing;
};

/** `others` are made with the same sealing, so that their keys are those of the parameters. */
export async function startTestSsm(
  others: readonly ((needs: { sealing: Sealing }) => ServiceModule)[] = [],
): Promise<TestSsm> {
  const sealing = memorySealing();
  const services = [ssmService, ...others].map((make) =>
    make({ sealing, sessions: recordedSessions() }),
  );
  const cloud = await startTestGateway(services);
  const { store, clock, ids } = cloud;
  const loop = createUpkeepLoop({ store, clock, ids, sealing, logger: recordingLogger() });
  loop.start();
  return {
    cloud,
    ssm: cloud.client(SSMClient),
    sealing,
    async [Symbol.asyncDispose]() {
      await loop.stop();
      await cloud.close();
    },
  };
}
