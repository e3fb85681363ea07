import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { containsAddress, parseAddress, parseCidr } from "../model/cidr.ts";
import { nextFreeAddress, reservedPerSubnet } from "./addresses.ts";

const cidrOf = (text: string) => {
  const cidr = parseCidr(text);
  if (!cidr) throw new Error(text);
  return cidr;
};

describe("next free address", () => {
  it("an empty subnet: the first after the four that AWS keeps", () => {
    expect(nextFreeAddress(cidrOf("10.0.1.0/24"), new Set(), undefined)).toBe("10.0.1.4");
  });

  it("an address just given back: not the next one given out", () => {
    const after = parseAddress("10.0.1.4");
    expect(nextFreeAddress(cidrOf("10.0.1.0/24"), new Set(), after)).toBe("10.0.1.5");
  });

  it("the end of the subnet: goes round to the start, never the broadcast address", () => {
    const after = parseAddress("10.0.1.254");
    expect(nextFreeAddress(cidrOf("10.0.1.0/24"), new Set(["10.0.1.4"]), after)).toBe("10.0.1.5");
  });

  it("any subnet until it is full: every address once, all inside, five kept back", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 24, max: 28 }),
        fc.integer({ min: 0, max: 255 }),
        (bits, cursor) => {
          const cidr = cidrOf(`10.1.2.0/${bits}`);
          const used = new Set<string>();
          for (;;) {
            const address = nextFreeAddress(cidr, used, cidr.base + cursor);
            if (address === undefined) break;
            expect(used.has(address)).toBe(false);
            expect(containsAddress(cidr, parseAddress(address) ?? -1)).toBe(true);
            used.add(address);
          }
          expect(used.size).toBe(2 ** (32 - bits) - reservedPerSubnet);
        },
      ),
      { numRuns: 20 },
    );
  });
});
