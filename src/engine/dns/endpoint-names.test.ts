import { describe, expect, it } from "vitest";
import { type ServiceNeeds, services } from "../../services/index.ts";
import { apiHosts, globalHosts } from "./endpoint-names.ts";

/** Where the name of a service's hosts is not that of its folder. */
const hosts: Readonly<Record<string, string>> = { ecr: "api.ecr", elbv2: "elasticloadbalancing" };

describe("names of AWS's APIs", () => {
  it("every API that the engine has is found by its own name inside a VPC, and no other", () => {
    const named = services({} as ServiceNeeds).map(({ name }) => hosts[name] ?? name);
    const known = [...apiHosts, ...Object.values(globalHosts)];
    expect([...new Set(known)].toSorted()).toEqual(named.toSorted());
  });
});
