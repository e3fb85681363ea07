/**
 * The header that HAProxy puts before a connection it hands over (PROXY protocol, version 2): whose
 * connection it is, and the unique id by which the balancer says from which VPC it came.
 */

export type ProxyHeader = {
  readonly sourceAddress: string;
  /** What the client connected to. */
  readonly destinationAddress: string;
  readonly destinationPort: number;
  readonly uniqueId: string | undefined;
  /** Bytes of the header; what follows is the client's. */
  readonly length: number;
};

const signature = Buffer.from([13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]);
const fixedLength = 16;
const versionAndProxy = 0x21;
const tcpOverIpv4 = 0x11;
const ipv4AddressesLength = 12;
const uniqueIdType = 0x05;

/** The longest that makes sense here; more is not a balancer. */
const longestBody = 1024;

/** Undefined while bytes are missing; throws when this is no header of a TCP connection over IPv4. */
export function parseProxyHeader(bytes: Buffer): ProxyHeader | undefined {
  const start = bytes.subarray(0, signature.length);
  if (!start.equals(signature.subarray(0, start.length))) throw new Error("no PROXY v2 header");
  if (bytes.length < fixedLength) return undefined;
  if (bytes[12] !== versionAndProxy || bytes[13] !== tcpOverIpv4) {
    throw new Error("the PROXY header is not of a TCP connection over IPv4");
  }
  const bodyLength = bytes.readUInt16BE(14);
  if (bodyLength < ipv4AddressesLength || bodyLength > longestBody) {
    throw new Error(`a PROXY header of ${bodyLength} bytes`);
  }
  const length = fixedLength + bodyLength;
  if (bytes.length < length) return undefined;
  return {
    sourceAddress: bytes.subarray(fixedLength, fixedLength + 4).join("."),
    destinationAddress: bytes.subarray(fixedLength + 4, fixedLength + 8).join("."),
    destinationPort: bytes.readUInt16BE(fixedLength + 10),
    uniqueId: readUniqueId(bytes.subarray(fixedLength + ipv4AddressesLength, length)),
    length,
  };
}

function readUniqueId(fields: Buffer): string | undefined {
  for (let at = 0; at + 3 <= fields.length; ) {
    const length = fields.readUInt16BE(at + 1);
    const end = at + 3 + length;
    if (end > fields.length) throw new Error("a field of the PROXY header is cut off");
    if (fields[at] === uniqueIdType) return fields.toString("utf8", at + 3, end);
    at = end;
  }
  return undefined;
}
