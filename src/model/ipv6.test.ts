import { describe, expect, it } from "vitest";
import { canonicalIpv6Cidr } from "./ipv6.ts";

const cases: readonly (readonly [string, string | undefined])[] = [
  ["::/0", "::/0"],
  ["0:0:0:0:0:0:0:0/0", "::/0"],
  ["2001:0DB8::/32", "2001:db8::/32"],
  ["2001:db8:1:2:3:4:5:6/64", "2001:db8:1:2::/64"],
  ["2001:db8:0:0:1:0:0:1/128", "2001:db8::1:0:0:1/128"],
  ["fe80::1/10", "fe80::/10"],
  ["::1/128", "::1/128"],
  ["::/129", undefined],
  ["::", undefined],
  ["1::2::3/64", undefined],
  ["1:2:3/64", undefined],
  ["1:2:3:4:5:6:7:8:9/64", undefined],
  ["1:2:3:4:5:6:7::8/64", undefined],
  ["1:2:3:4:5:6:7:8::/64", undefined],
  ["g::/64", undefined],
  ["10.0.0.0/8", undefined],
];

describe("canonicalIpv6Cidr", () => {
  for (const [text, canonical] of cases) {
    it(`${text}: ${canonical ?? "not a block"}`, () => {
      expect(canonicalIpv6Cidr(text)).toBe(canonical);
    });
  }
});
