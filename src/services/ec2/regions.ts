/** Regions and availability zones. */
import type {
  AvailabilityZone,
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult,
  DescribeRegionsRequest,
  DescribeRegionsResult,
  Region,
} from "@aws-sdk/client-ec2";
import { optInRegionNames, regionNames, type Zone, zonesOf } from "../../model/regions.ts";
import { chosen } from "./describe.ts";
import { invalidParameterValue } from "./errors.ts";
import { applyFilters, type FilterTable } from "./filters.ts";
import { operation } from "./operation.ts";

/** Whoever asks in a region that needs it has opted in to it. */
function optInStatus(region: string, asked: string): NonNullable<Region["OptInStatus"]> {
  if (!optInRegionNames.includes(region)) return "opt-in-not-required";
  return region === asked ? "opted-in" : "not-opted-in";
}

const zoneFilters: FilterTable<AvailabilityZone> = {
  "group-name": (zone) => zone.GroupName,
  "group-long-name": () => [],
  message: () => [],
  "opt-in-status": (zone) => zone.OptInStatus,
  "parent-zone-id": () => [],
  "parent-zone-name": () => [],
  "region-name": (zone) => zone.RegionName,
  state: (zone) => zone.State,
  "zone-id": (zone) => zone.ZoneId,
  "zone-name": (zone) => zone.ZoneName,
  "zone-type": (zone) => zone.ZoneType,
};

export const describeAvailabilityZones = operation<
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult
>({
  name: "DescribeAvailabilityZones",
  accepts: { ZoneNames: true, ZoneIds: true, Filters: true, AllAvailabilityZones: true },
  run({ scope }, input) {
    const all = zonesOf(scope.region);
    const named = [
      ...(input.ZoneNames ?? []).map((name) => pick(all, (zone) => zone.name, name)),
      ...(input.ZoneIds ?? []).map((id) => pick(all, (zone) => zone.id, id)),
    ];
    const isAsked = input.ZoneNames?.length || input.ZoneIds?.length;
    const views = (isAsked ? named : all).map(toZoneView);
    return { AvailabilityZones: applyFilters(views, input.Filters, zoneFilters) };
  },
});

function pick(zones: readonly Zone[], textOf: (zone: Zone) => string, text: string): Zone {
  const zone = zones.find((candidate) => textOf(candidate) === text);
  if (zone) return zone;
  throw invalidParameterValue(`Invalid availability zone: [${text}]`);
}

const toZoneView = (zone: Zone): AvailabilityZone => ({
  State: "available",
  OptInStatus: optInStatus(zone.region, zone.region) as AvailabilityZone["OptInStatus"],
  Messages: [],
  RegionName: zone.region,
  ZoneName: zone.name,
  ZoneId: zone.id,
  GroupName: `${zone.region}-zg-1`,
  NetworkBorderGroup: zone.region,
  ZoneType: "availability-zone",
});

const regionFilters: FilterTable<Region> = {
  endpoint: (region) => region.Endpoint,
  "opt-in-status": (region) => region.OptInStatus,
  "region-name": (region) => region.RegionName,
};

export const describeRegions = operation<DescribeRegionsRequest, DescribeRegionsResult>({
  name: "DescribeRegions",
  accepts: { RegionNames: true, Filters: true, AllRegions: true },
  run({ scope }, input) {
    const all = [...regionNames, ...optInRegionNames].toSorted();
    const isEnabled = (name: string) => optInStatus(name, scope.region) !== "not-opted-in";
    const names = chosen(
      input.RegionNames,
      () => (input.AllRegions ? all : all.filter(isEnabled)),
      (name) => {
        if (!all.includes(name)) throw invalidParameterValue(`Invalid region: [${name}]`);
        return name;
      },
    );
    const views = names.map((name) => ({
      RegionName: name,
      Endpoint: `ec2.${name}.amazonaws.com`,
      OptInStatus: optInStatus(name, scope.region),
    }));
    return { Regions: applyFilters(views, input.Filters, regionFilters) };
  },
});
