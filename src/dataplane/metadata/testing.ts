/** PROXY v2 headers as HAProxy writes them, for tests. */

type Field = { readonly type: number; readonly value: string };

export function proxyHeader(input: {
  readonly address: string;
  /** What the client connected to; the task endpoint's by default. */
  readonly to?: string;
  readonly uniqueId?: string;
  /** Of what the client connected to; 80 where it does not matter. */
  readonly port?: number;
  readonly before?: readonly Field[];
}): Buffer {
  const ids = input.uniqueId === undefined ? [] : [{ type: 0x05, value: input.uniqueId }];
  const fields = [...(input.before ?? []), ...ids].map(({ type, value }) => {
    const start = Buffer.from([type, 0, value.length]);
    return Buffer.concat([start, Buffer.from(value)]);
  });
  const addresses = Buffer.alloc(12);
  Buffer.from(input.address.split(".").map(Number)).copy(addresses, 0);
  Buffer.from((input.to ?? "169.254.170.2").split(".").map(Number)).copy(addresses, 4);
  addresses.writeUInt16BE(38_848, 8);
  addresses.writeUInt16BE(input.port ?? 80, 10);
  const body = Buffer.concat([addresses, ...fields]);
  const start = Buffer.from([13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10, 0x21, 0x11, 0, 0]);
  start.writeUInt16BE(body.length, 14);
  return Buffer.concat([start, body]);
}
