/**
 * Public addresses, for Elastic IPs and for interfaces with one of their own. They come from
 * 198.18.0.0/15, which is set aside for test networks, so that none is anybody's real address.
 */
import { formatAddress } from "../model/cidr.ts";
import type { Ids } from "../seams/ids.ts";
import type { WriteTransaction } from "./store.ts";
import { elasticIps, networkInterfaces } from "./tables/network.ts";

const firstPublic = ((198 << 24) | (18 << 16)) >>> 0;
const poolSize = 2 ** 17;

/** The first and last address of a /24 are given to nobody. */
export const mostPublicAddresses = (poolSize / 256) * 254;

/** An address that no Elastic IP and no interface of any account has. */
export function allocatePublicAddress(tx: WriteTransaction, ids: Ids): string {
  const used = new Set<string>();
  for (const address of tx.table(elasticIps).all()) used.add(address.publicIp);
  for (const networkInterface of tx.table(networkInterfaces).all()) {
    if (networkInterface.publicIp) used.add(networkInterface.publicIp);
  }
  for (;;) {
    // Not the first or last address of a /24, which people take for network and broadcast.
    const candidate = firstPublic + Math.floor(ids.fraction() * poolSize);
    const lastOctet = candidate & 255;
    const text = formatAddress(candidate);
    if (lastOctet !== 0 && lastOctet !== 255 && !used.has(text)) return text;
  }
}
