/**
 * What a question costs that the VPC's resolver answers itself, in a region of 500 interfaces: by UDP
 * from this process, one after another, against a bare UDP echo on the same sockets.
 *
 *   npm run bench dns
 */
import { createSocket, type Socket } from "node:dgram";
import dns from "dns-packet";
import { createResolver } from "../src/dataplane/dns/resolver.ts";
import { realClock } from "../src/seams/clock.ts";
import { sequentialIds } from "../src/seams/ids.ts";
import { recordingLogger } from "../src/seams/logger.ts";
import { createSubnet } from "../src/services/ec2/subnets.ts";
import { openRoom } from "../src/services/ec2/testing.ts";
import { createVpc } from "../src/services/ec2/vpcs.ts";
import { createNetworkInterface } from "../src/state/network-interfaces.ts";
import { dnsSources, resolveInVpc } from "../src/state/vpc-resolution.ts";
import { median, quantile, report } from "./report.ts";

const address = "127.0.0.53";
const [port, echoPort] = [18_053, 18_054];
const size = 500;
const questions = 2000;

const clock = realClock();
const room = openRoom();
const vpcId = room.call(createVpc, { CidrBlock: "10.0.0.0/16" }).Vpc?.VpcId ?? "";
const subnetId =
  room.call(createSubnet, { VpcId: vpcId, CidrBlock: "10.0.0.0/20" }).Subnet?.SubnetId ?? "";
const ids = sequentialIds();
room.store.write((tx) => {
  for (let made = 0; made < size; made++) {
    createNetworkInterface(tx, ids, {
      scope: room.scope,
      subnetId,
      groupIds: [],
      description: "",
      owner: { type: "user" },
      now: 0,
    });
  }
});
const resolver = createResolver({
  clock,
  logger: recordingLogger(),
  nameServers: () => [],
  port,
  answer: (asker, question) =>
    room.store.read((tx) => resolveInVpc(tx, dnsSources, asker, question)),
});
await resolver.listen(vpcId, address);
const echo = createSocket("udp4");
echo.on("message", (packet, from) => echo.send(packet, from.port, from.address));
await new Promise<void>((resolve) => echo.bind(echoPort, address, resolve));

const packet = dns.encode({
  id: 1,
  type: "query",
  questions: [{ name: "ip-10-0-1-77.ap-northeast-1.compute.internal", type: "A" }],
});

async function times(to: number): Promise<number[]> {
  const socket: Socket = createSocket("udp4");
  const took: number[] = [];
  for (let asked = 0; asked < questions; asked++) {
    const start = clock.monotonic();
    const answered = new Promise<void>((resolve) => socket.once("message", () => resolve()));
    socket.send(packet, to, address);
    await answered;
    took.push(clock.monotonic() - start);
  }
  socket.close();
  return took;
}

await times(port);
const [own, bare] = [await times(port), await times(echoPort)];
await resolver.stop();
echo.close();
const shown = (ms: number): string => `${ms.toFixed(2)} ms`;
report(`A question that a VPC's resolver answers (${size} interfaces, ${questions} questions)`, [
  {
    what: "answered, median / p95",
    value: `${shown(median(own))} / ${shown(quantile(own, 0.95))}`,
  },
  {
    what: "bare UDP echo, median / p95",
    value: `${shown(median(bare))} / ${shown(quantile(bare, 0.95))}`,
  },
]);
