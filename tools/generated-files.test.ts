import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { ConstraintModel } from "../src/gateway/wire/constraints.ts";
import { loadModel } from "../src/gateway/wire/model.ts";
import { type ServiceNeeds, services } from "../src/services/index.ts";
import { coverageFile, renderCoverage } from "./coverage.ts";
import { loadDeclaredService, unusable } from "./declared-services.ts";
import {
  buildConstraints,
  constraintFile,
  findBotocore,
  printConstraints,
} from "./generate-constraints.ts";
import { modelFile, renderModel } from "./generate-models.ts";
import { buildModel, clientPackages, type ServiceName } from "./wire-model.ts";

const names = Object.keys(clientPackages) as ServiceName[];

describe("generated files", () => {
  it.each(names)(
    "models/%s.json: as node tools/generate-models.ts would write it",
    async (name) => {
      expect(await readFile(modelFile(name), "utf8")).toBe(await renderModel(name));
    },
  );

  it.each(names)(
    "constraints/%s.json: as node tools/generate-constraints.ts would write it",
    async (name) => {
      const { operations } = await loadDeclaredService(name);
      const text = await readFile(constraintFile(name), "utf8");
      const written = JSON.parse(text) as ConstraintModel;
      expect(written.operations).toEqual(Object.keys(operations).toSorted());
      // Another version may know other values; what it is cut from is compared where it is there.
      const found = await findBotocore();
      if (found?.version !== written.botocore) return;
      expect(text).toBe(printConstraints(buildConstraints(found, name)));
    },
  );

  it("docs/coverage.md: as node tools/coverage.ts would write it", async () => {
    expect(await readFile(coverageFile, "utf8")).toBe(await renderCoverage());
  });

  it("the list of services: the same as those that models are generated for", () => {
    const listed = services(unusable as ServiceNeeds).map(({ name }) => name);
    expect(listed.toSorted()).toEqual(names.toSorted());
  });

  it.each(names)("%s: every operation is authorised as an action of its service", async (name) => {
    const { operations } = await loadDeclaredService(name);
    const { signingName } = loadModel(name).metadata;
    for (const [operation, { action }] of Object.entries(operations)) {
      expect(action, operation).toMatch(new RegExp(`^${signingName}:[A-Z]\\w+$`));
    }
  });
});

describe("buildModel", () => {
  it("an operation that AWS does not have: an error that names it", async () => {
    await expect(buildModel("sts", ["GetCallerIdentity", "GetNonsense"])).rejects.toThrow(
      "sts declares GetNonsense",
    );
  });

  it("an operation that is not declared: its name is there, its shapes are not", async () => {
    const model = await buildModel("sts", ["GetCallerIdentity"]);
    expect(model.operationNames).toContain("AssumeRole");
    expect(Object.keys(model.operations)).toEqual(["GetCallerIdentity"]);
    expect(Object.keys(model.shapes)).toEqual([
      "GetCallerIdentityRequest",
      "GetCallerIdentityResponse",
    ]);
  });
});
