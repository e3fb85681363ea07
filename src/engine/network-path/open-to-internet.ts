/** Whether a client of the host, which stands for the internet, reaches a port of an interface. */
import type { NetworkInterface } from "../../model/network.ts";
import type { NetworkRecords } from "./records.ts";
import { walk } from "./walk.ts";

export const isOpenToInternet = (
  records: NetworkRecords,
  record: NetworkInterface,
  port: number,
): boolean =>
  walk(records, { type: "internet" }, { type: "interface", record }, { protocol: "tcp", port })
    .open;
