/** What is known of a task's interface, as ECS lists it in answers and in events. */
import type { TaskAttachment } from "../../model/ecs.ts";

/** In AWS's order; what is not known yet is not listed. */
export function attachmentDetails(attachment: TaskAttachment): { name: string; value: string }[] {
  const details: [string, string | undefined][] = [
    ["subnetId", attachment.subnetId],
    ["networkInterfaceId", attachment.networkInterfaceId],
    ["macAddress", attachment.macAddress],
    ["privateDnsName", attachment.privateDnsName],
    ["privateIPv4Address", attachment.privateIp],
  ];
  return details.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}
