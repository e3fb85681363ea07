import { describe, expect, it } from "vitest";
import { parseProxyHeader } from "./proxy-protocol.ts";
import { proxyHeader } from "./testing.ts";

describe("the PROXY header", () => {
  it("address and unique id: read, wherever the bytes are cut", () => {
    const header = proxyHeader({ address: "10.0.1.11", uniqueId: "vpc-0123456789abcdef0" });
    for (let cut = 0; cut < header.length; cut++) {
      expect(parseProxyHeader(header.subarray(0, cut))).toBeUndefined();
    }
    const more = Buffer.concat([header, Buffer.from("GET / HTTP/1.1\r\n")]);
    expect(parseProxyHeader(more)).toEqual({
      sourceAddress: "10.0.1.11",
      destinationAddress: "169.254.170.2",
      destinationPort: 80,
      uniqueId: "vpc-0123456789abcdef0",
      length: header.length,
    });
  });

  it("other fields before the unique id: passed over", () => {
    const header = proxyHeader({
      address: "10.0.0.1",
      uniqueId: "vpc-1",
      before: [{ type: 0x30, value: "ng-vpc" }],
    });
    expect(parseProxyHeader(header)?.uniqueId).toBe("vpc-1");
  });

  it("no unique id: none", () => {
    expect(parseProxyHeader(proxyHeader({ address: "10.0.0.1" }))?.uniqueId).toBeUndefined();
  });

  it.each([
    ["plain HTTP", Buffer.from("GET /v4/x HTTP/1.1\r\n\r\n")],
    ["version 1", Buffer.from("PROXY TCP4 10.0.0.1 10.0.0.2 1 80\r\n")],
  ])("%s: refused at once", (_, bytes) => {
    expect(() => parseProxyHeader(bytes)).toThrow("no PROXY v2 header");
  });

  it("a connection that is the balancer's own, or a field that is cut off: refused", () => {
    const local = proxyHeader({ address: "10.0.0.1" });
    local[12] = 0x20;
    expect(() => parseProxyHeader(local)).toThrow("TCP connection over IPv4");
    const cut = proxyHeader({ address: "10.0.0.1", uniqueId: "vpc-1" });
    cut.writeUInt16BE(200, 16 + 12 + 1);
    expect(() => parseProxyHeader(cut)).toThrow("cut off");
  });
});
