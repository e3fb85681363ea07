import { describe, expect, it } from "vitest";
import fc from "../../test/builders/properties.ts";
import { containsAddress, parseAddress, parseCidr } from "../model/cidr.ts";
import { freeAddressCount, nextFreeAddress, reservedPerSubnet } from "./addresses.ts";

const cidrOf = (text: string) => {
  const cidr = parseCidr(text);
  if (!cidr) throw new Error(text);
  return cidr;
};

const taken = (used: readonly string[] = [], reserved: readonly string[] = []) => ({
  used: new Set(used),
  reserved: reserved.map(cidrOf),
});

describe("next free address", () => {
  it("an empty subnet: the first after the four that AWS keeps", () => {
    expect(nextFreeAddress(cidrOf("10.0.1.0/24"), taken(), undefined)).toBe("10.0.1.4");
  });

  it("an address just given back: not the next one given out", () => {
    const after = parseAddress("10.0.1.4");
    expect(nextFreeAddress(cidrOf("10.0.1.0/24"), taken(), after)).toBe("10.0.1.5");
  });

  it("the end of the subnet: goes round to the start, never the broadcast address", () => {
    const after = parseAddress("10.0.1.254");
    expect(nextFreeAddress(cidrOf("10.0.1.0/24"), taken(["10.0.1.4"]), after)).toBe("10.0.1.5");
  });

  it("a reserved block: left out, and the search goes on after it", () => {
    const after = parseAddress("10.0.1.15");
    const reserved = taken([], ["10.0.1.16/28"]);
    expect(nextFreeAddress(cidrOf("10.0.1.0/24"), reserved, after)).toBe("10.0.1.32");
  });

  it("any subnet until it is full: every address once, none reserved, as many as were said free", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 24, max: 28 }),
        fc.integer({ min: 0, max: 255 }),
        fc.option(fc.tuple(fc.integer({ min: 28, max: 32 }), fc.integer({ min: 0, max: 15 }))),
        (bits, cursor, kept) => {
          const cidr = cidrOf(`10.1.2.0/${bits}`);
          const reserved = kept ? [cidrOf(`10.1.2.${kept[1]}/${kept[0]}`)] : [];
          const used = new Set<string>(["10.1.2.5"]);
          const free = freeAddressCount(cidr, { used, reserved });
          for (let left = free; ; left--) {
            expect(freeAddressCount(cidr, { used, reserved })).toBe(left);
            const address = nextFreeAddress(cidr, { used, reserved }, cidr.base + cursor);
            if (address === undefined) break;
            const value = parseAddress(address) ?? -1;
            expect(used.has(address)).toBe(false);
            expect(containsAddress(cidr, value)).toBe(true);
            expect(reserved.some((block) => containsAddress(block, value))).toBe(false);
            used.add(address);
          }
          expect(used.size).toBe(free + 1);
          if (!kept) expect(used.size).toBe(2 ** (32 - bits) - reservedPerSubnet);
        },
      ),
      { numRuns: 20 },
    );
  });
});
