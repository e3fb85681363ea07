import { expect, it } from "vitest";
import { zonesOf } from "./regions.ts";

it.each([
  ["ap-southeast-5", "apse5-az1"],
  ["cn-northwest-1", "cnnw1-az1"],
  ["us-gov-west-1", "usgw1-az1"],
  ["me-central-1", "mec1-az1"],
  ["eu-north-1", "eun1-az1"],
])("the first zone of %s: %s", (region, id) => {
  expect(zonesOf(region)[0]?.id).toBe(id);
});
