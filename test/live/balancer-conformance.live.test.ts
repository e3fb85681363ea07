/** HAProxy against what every balancers' data plane must do. Needs root, HAProxy, iproute2. */
import path from "node:path";
import { afterAll } from "vitest";
import { balancerConformance } from "../../src/dataplane/loadbalancer/conformance.ts";
import { haproxyBalancer } from "../../src/dataplane/loadbalancer/haproxy/driver.ts";
import { realClock } from "../../src/seams/clock.ts";
import { processExec } from "../../src/seams/exec.ts";
import { recordingLogger } from "../../src/seams/logger.ts";
import { edgeBench } from "./support/edge-bench.ts";

const bench = edgeBench();
const address = "10.77.0.21";
const clock = realClock();

balancerConformance("haproxy", {
  async make() {
    await bench.startTarget(address);
    const driver = haproxyBalancer({
      engineId: bench.engineId,
      stateDir: bench.stateDir,
      exec: processExec(),
      clock,
      logger: recordingLogger(),
      metadataSocket: path.join(bench.stateDir, "metadata.sock"),
    });
    await driver.start();
    return driver;
  },
  balancers: [
    {
      arn: "arn:aws:elasticloadbalancing:eu-west-1:000000000000:loadbalancer/app/web/00000000000000aa",
      vpcId: bench.vpcId,
      hostNames: ["web-1.eu-west-1.elb.localhost"],
      nodes: [
        {
          interfaceId: bench.interfaceId,
          address: bench.nodeAddress,
          availabilityZone: "eu-west-1a",
        },
      ],
      listeners: [],
      idleTimeoutSeconds: 60,
      forwardedFor: "append",
      forwardedClientPort: false,
      dropInvalidHeaders: false,
    },
  ],
  address,
  answer: (answer) => bench.setMode(address, answer),
  pass: (ms) => clock.wallSleep(ms),
});

afterAll(() => bench.remove());
