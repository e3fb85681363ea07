/** Amazon EC2: the part that a VPC is made with. */
import type { ServiceModule } from "../../gateway/service.ts";

export function ec2Service(): ServiceModule {
  return { name: "ec2", operations: {} };
}
