/** Every filter that AWS documents for the families that are here: read out of the SDK's own types. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as sdk from "@aws-sdk/client-ec2";
import { EC2Client } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestGateway, type TestGateway } from "../../gateway/testing.ts";
import { ec2Service } from "./service.ts";

const families = [
  "DescribeAddresses",
  "DescribeAvailabilityZones",
  "DescribeDhcpOptions",
  "DescribeFlowLogs",
  "DescribeInternetGateways",
  "DescribeManagedPrefixLists",
  "DescribeNatGateways",
  "DescribeNetworkAcls",
  "DescribeNetworkInterfaces",
  "DescribePrefixLists",
  "DescribeRegions",
  "DescribeRouteTables",
  "DescribeSecurityGroupRules",
  "DescribeSecurityGroups",
  "DescribeSecurityGroupVpcAssociations",
  "DescribeSubnets",
  "DescribeTags",
  "DescribeVpcEndpointServices",
  "DescribeVpcEndpoints",
  "DescribeVpcPeeringConnections",
  "DescribeVpcs",
] as const;

const entry = fileURLToPath(import.meta.resolve("@aws-sdk/client-ec2"));
const models = path.join(entry.replace(/dist-.*$/, ""), "dist-types/models");
const types = readdirSync(models)
  .filter((file) => file.endsWith(".d.ts"))
  .map((file) => readFileSync(path.join(models, file), "utf8"))
  .join("\n");

/** The member for filters of the operation's request, and the names in the comment before it. */
function documented(operation: string): { member: string; names: string[] } {
  const start = types.search(new RegExp(`export (?:interface|type) ${operation}Request\\b`));
  const body = types.slice(start, types.indexOf("\n}", start));
  const [, comment = "", member = ""] =
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(Filters?)\?:/.exec(body) ?? [];
  const names = [...comment.matchAll(/<li>[\s*]*<p>[\s*]*<code>([^<]+)<\/code>/g)];
  // `tag` stands for `tag:<key>`.
  return {
    member,
    names: names.flatMap(([, name]) => (name === "tag" ? "tag:a" : (name ?? []))),
  };
}

let cloud: TestGateway;
let ec2: EC2Client;
beforeAll(async () => {
  cloud = await startTestGateway([ec2Service()]);
  ec2 = cloud.client(EC2Client);
});
afterAll(() => cloud.close());

type Command = Parameters<EC2Client["send"]>[0];
const commands = sdk as unknown as Record<string, new (input: object) => Command>;

async function isTaken(operation: string, member: string, Name: string): Promise<boolean> {
  // Of the form that ids of groups have, which one filter asks for.
  const input = { [member]: [{ Name, Values: ["sg-0"] }] };
  const Command = commands[`${operation}Command`];
  if (!Command) throw new Error(`no command ${operation}`);
  return ec2.send(new Command(input)).then(
    () => true,
    (error: Error) => {
      expect(error.message).toContain(`The filter '${Name}' is invalid`);
      return false;
    },
  );
}

describe.each(families)("%s", (operation) => {
  it("each documented filter: taken; another: refused", async () => {
    const { member, names } = documented(operation);
    expect(names.length).toBeGreaterThan(1);
    const refused: string[] = [];
    for (const name of names) if (!(await isTaken(operation, member, name))) refused.push(name);
    expect(refused).toEqual([]);
    expect(await isTaken(operation, member, "no-such-filter")).toBe(false);
  });
});
