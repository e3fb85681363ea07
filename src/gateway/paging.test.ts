/**
 * Every declared operation that gives out a list in pages: no page beyond the size asked for, nothing lost or
 * given twice while items come and go between pages, and a token that it did not give out refused.
 */

import { beforeAll, describe, expect, it, vi } from "vitest";
import { startAllServices } from "../../test/builders/all-services.ts";
import {
  type Caller,
  type Input,
  minimal,
  openCaller,
  readDeclared,
  serviceNames,
} from "../../test/builders/generic-calls.ts";
import type { ServiceName } from "../../tools/wire-model.ts";
import { certificate, privateKey } from "../services/iam/testing-keys.ts";
import type { TestGateway } from "./testing.ts";

// Every service and every client is loaded, which takes long on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

type Calls = Readonly<Record<ServiceName, (operation: string, input: Input) => Promise<Input>>>;

/** How to have things to list. What a thing is called stands in the answers. */
type List = {
  readonly ask?: Input;
  readonly prepare?: (calls: Calls) => Promise<unknown>;
  readonly make: (calls: Calls, name: string) => Promise<string>;
  /** Undefined where nothing of the list can go. */
  readonly remove?: (calls: Calls, id: string) => Promise<unknown>;
  /** The smallest page there is, where that is not 1. */
  readonly size?: number;
};

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { Service: "ecs-tasks.amazonaws.com" },
      Action: "sts:AssumeRole",
    },
  ],
});
const policy = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }],
});

const of = (output: Input, ...path: (string | number)[]): string =>
  String(
    path.reduce<unknown>((held, step) => (held as Record<string | number, unknown>)[step], output),
  );
const vpcOf = async (calls: Calls): Promise<string> =>
  of(await calls.ec2("DescribeVpcs", {}), "Vpcs", 0, "VpcId");
const subnetsOf = async (calls: Calls): Promise<string[]> =>
  ((await calls.ec2("DescribeSubnets", {}))["Subnets"] as { SubnetId: string }[]).map(
    (one) => one.SubnetId,
  );
let octet = 0;

/** A list of EC2, whose pages are of five at least. */
const ec2 = (
  create: (calls: Calls, name: string) => Promise<string>,
  remove?: (calls: Calls, id: string) => Promise<unknown>,
  ask?: Input,
): List => ({ make: create, size: 5, ...(remove && { remove }), ...(ask && { ask }) });

const iamName = (kind: "Role" | "User" | "Group" | "InstanceProfile", extra: Input = {}): List => ({
  make: async ({ iam }, name) => {
    await iam(`Create${kind}`, { [`${kind}Name`]: name, ...extra });
    return name;
  },
  remove: ({ iam }, id) => iam(`Delete${kind}`, { [`${kind}Name`]: id }),
});

const holder = async ({ iam }: Calls): Promise<void> => {
  await iam("CreateRole", { RoleName: "holder", AssumeRolePolicyDocument: trust });
  await iam("CreateUser", { UserName: "holder" });
  await iam("CreateGroup", { GroupName: "holder" });
  await iam("CreateInstanceProfile", { InstanceProfileName: "holder" });
  await iam("CreatePolicy", { PolicyName: "holder", PolicyDocument: policy });
  await iam("CreateOpenIDConnectProvider", { Url: "https://holder.example" });
};
const policyArn = "arn:aws:iam::000000000000:policy/holder";
const providerArn = "arn:aws:iam::000000000000:oidc-provider/holder.example";

const inline = (kind: "Role" | "User" | "Group"): List => ({
  prepare: holder,
  ask: { [`${kind}Name`]: "holder" },
  make: async ({ iam }, name) => {
    await iam(`Put${kind}Policy`, {
      [`${kind}Name`]: "holder",
      PolicyName: name,
      PolicyDocument: policy,
    });
    return name;
  },
  remove: ({ iam }, id) =>
    iam(`Delete${kind}Policy`, { [`${kind}Name`]: "holder", PolicyName: id }),
});

const attached = (kind: "Role" | "User" | "Group"): List => ({
  prepare: holder,
  ask: { [`${kind}Name`]: "holder" },
  make: async ({ iam }, name) => {
    const made = await iam("CreatePolicy", { PolicyName: name, PolicyDocument: policy });
    await iam(`Attach${kind}Policy`, {
      [`${kind}Name`]: "holder",
      PolicyArn: of(made, "Policy", "Arn"),
    });
    return name;
  },
  remove: ({ iam }, id) =>
    iam(`Detach${kind}Policy`, {
      [`${kind}Name`]: "holder",
      PolicyArn: `arn:aws:iam::000000000000:policy/${id}`,
    }),
});

const iamTags = (member: string, value: string, kind: string): List => ({
  prepare: holder,
  ask: { [member]: value },
  make: async ({ iam }, name) => {
    await iam(`Tag${kind}`, { [member]: value, Tags: [{ Key: name, Value: "x" }] });
    return name;
  },
  remove: ({ iam }, id) => iam(`Untag${kind}`, { [member]: value, TagKeys: [id] }),
});

const definition = (family: string): Input => ({
  family,
  networkMode: "awsvpc",
  requiresCompatibilities: ["FARGATE"],
  cpu: "256",
  memory: "512",
  containerDefinitions: [{ name: "main", image: "main" }],
});
const register = async ({ ecs }: Calls, name: string): Promise<string> => {
  await ecs("RegisterTaskDefinition", definition(name));
  return name;
};
const forEcs = async (calls: Calls): Promise<void> => {
  await calls.ecs("CreateCluster", { clusterName: "default" });
  await register(calls, "holder");
};
const launch = async (calls: Calls): Promise<Input> => ({
  taskDefinition: "holder",
  launchType: "FARGATE",
  networkConfiguration: { awsvpcConfiguration: { subnets: (await subnetsOf(calls)).slice(0, 1) } },
});

const key = async ({ kms }: Calls): Promise<string> =>
  of(await kms("CreateKey", {}), "KeyMetadata", "KeyId");
let heldKey = "";
const balancer = async (calls: Calls, Name: string): Promise<string> => {
  const Subnets = (await subnetsOf(calls)).slice(0, 2);
  const made = await calls.elbv2("CreateLoadBalancer", { Name, Subnets });
  return of(made, "LoadBalancers", 0, "LoadBalancerArn");
};
const targets = async (calls: Calls, Name: string): Promise<string> => {
  const VpcId = await vpcOf(calls);
  const group = { Name, VpcId, Protocol: "HTTP", Port: 80, TargetType: "ip" };
  return of(await calls.elbv2("CreateTargetGroup", group), "TargetGroups", 0, "TargetGroupArn");
};

const lists: Readonly<Partial<Record<ServiceName, Readonly<Record<string, List>>>>> = {
  ec2: {
    DescribeVpcs: ec2(
      async ({ ec2 }) =>
        of(await ec2("CreateVpc", { CidrBlock: `10.${++octet}.0.0/16` }), "Vpc", "VpcId"),
      ({ ec2 }, VpcId) => ec2("DeleteVpc", { VpcId }),
    ),
    DescribeSubnets: ec2(
      async (calls) => {
        const made = { VpcId: await vpcOf(calls), CidrBlock: `172.31.${128 + ++octet}.0/24` };
        return of(await calls.ec2("CreateSubnet", made), "Subnet", "SubnetId");
      },
      ({ ec2 }, SubnetId) => ec2("DeleteSubnet", { SubnetId }),
    ),
    DescribeInternetGateways: ec2(
      async ({ ec2 }) =>
        of(await ec2("CreateInternetGateway", {}), "InternetGateway", "InternetGatewayId"),
      ({ ec2 }, InternetGatewayId) => ec2("DeleteInternetGateway", { InternetGatewayId }),
    ),
    DescribeRouteTables: ec2(
      async (calls) =>
        of(
          await calls.ec2("CreateRouteTable", { VpcId: await vpcOf(calls) }),
          "RouteTable",
          "RouteTableId",
        ),
      ({ ec2 }, RouteTableId) => ec2("DeleteRouteTable", { RouteTableId }),
    ),
    DescribeNetworkAcls: ec2(
      async (calls) =>
        of(
          await calls.ec2("CreateNetworkAcl", { VpcId: await vpcOf(calls) }),
          "NetworkAcl",
          "NetworkAclId",
        ),
      ({ ec2 }, NetworkAclId) => ec2("DeleteNetworkAcl", { NetworkAclId }),
    ),
    DescribeSecurityGroups: ec2(
      async (calls, name) => {
        const group = { VpcId: await vpcOf(calls), GroupName: name, Description: "x" };
        return of(await calls.ec2("CreateSecurityGroup", group), "GroupId");
      },
      ({ ec2 }, GroupId) => ec2("DeleteSecurityGroup", { GroupId }),
    ),
    DescribeNetworkInterfaces: ec2(
      async (calls) => {
        const [SubnetId] = await subnetsOf(calls);
        const made = await calls.ec2("CreateNetworkInterface", { SubnetId });
        return of(made, "NetworkInterface", "NetworkInterfaceId");
      },
      ({ ec2 }, NetworkInterfaceId) => ec2("DeleteNetworkInterface", { NetworkInterfaceId }),
    ),
    DescribeDhcpOptions: ec2(
      async ({ ec2 }) => {
        const DhcpConfigurations = [{ Key: "domain-name", Values: ["x.example"] }];
        return of(
          await ec2("CreateDhcpOptions", { DhcpConfigurations }),
          "DhcpOptions",
          "DhcpOptionsId",
        );
      },
      ({ ec2 }, DhcpOptionsId) => ec2("DeleteDhcpOptions", { DhcpOptionsId }),
    ),
    DescribeManagedPrefixLists: ec2(
      async ({ ec2 }, PrefixListName) => {
        const list = { PrefixListName, AddressFamily: "IPv4", MaxEntries: 5 };
        return of(await ec2("CreateManagedPrefixList", list), "PrefixList", "PrefixListId");
      },
      ({ ec2 }, PrefixListId) => ec2("DeleteManagedPrefixList", { PrefixListId }),
    ),
    DescribeNatGateways: ec2(async (calls) => {
      const [SubnetId] = await subnetsOf(calls);
      const AllocationId = of(await calls.ec2("AllocateAddress", {}), "AllocationId");
      return of(
        await calls.ec2("CreateNatGateway", { SubnetId, AllocationId }),
        "NatGateway",
        "NatGatewayId",
      );
    }),
    DescribeTags: ec2(
      async (calls, name) => {
        await calls.ec2("CreateTags", {
          Resources: [await vpcOf(calls)],
          Tags: [{ Key: name, Value: "x" }],
        });
        return name;
      },
      async (calls, id) =>
        calls.ec2("DeleteTags", { Resources: [await vpcOf(calls)], Tags: [{ Key: id }] }),
    ),
  },
  ecr: {
    DescribeRepositories: {
      make: async ({ ecr }, repositoryName) => {
        await ecr("CreateRepository", { repositoryName });
        return repositoryName;
      },
      remove: ({ ecr }, repositoryName) => ecr("DeleteRepository", { repositoryName }),
    },
  },
  ecs: {
    ListClusters: {
      make: async ({ ecs }, clusterName) => {
        await ecs("CreateCluster", { clusterName });
        return `cluster/${clusterName}`;
      },
      remove: ({ ecs }, id) => ecs("DeleteCluster", { cluster: id.replace("cluster/", "") }),
    },
    ListTaskDefinitions: {
      make: async (calls, name) => `${await register(calls, name)}:1`,
      remove: ({ ecs }, taskDefinition) => ecs("DeregisterTaskDefinition", { taskDefinition }),
    },
    ListTaskDefinitionFamilies: {
      ask: { status: "ACTIVE" },
      make: register,
      remove: ({ ecs }, id) => ecs("DeregisterTaskDefinition", { taskDefinition: `${id}:1` }),
    },
    ListServices: {
      prepare: forEcs,
      make: async (calls, serviceName) => {
        await calls.ecs("CreateService", {
          ...(await launch(calls)),
          serviceName,
          desiredCount: 0,
        });
        return `service/default/${serviceName}`;
      },
      remove: ({ ecs }, id) => ecs("DeleteService", { service: id.replace(/.*\//, "") }),
    },
    ListTasks: {
      prepare: forEcs,
      make: async (calls) =>
        of(await calls.ecs("RunTask", await launch(calls)), "tasks", 0, "taskArn"),
    },
  },
  elbv2: {
    DescribeLoadBalancers: {
      make: balancer,
      remove: ({ elbv2 }, LoadBalancerArn) => elbv2("DeleteLoadBalancer", { LoadBalancerArn }),
    },
    DescribeTargetGroups: {
      make: targets,
      remove: ({ elbv2 }, TargetGroupArn) => elbv2("DeleteTargetGroup", { TargetGroupArn }),
    },
  },
  iam: {
    ListRoles: iamName("Role", { AssumeRolePolicyDocument: trust }),
    ListUsers: iamName("User"),
    ListGroups: iamName("Group"),
    ListInstanceProfiles: iamName("InstanceProfile"),
    GetAccountAuthorizationDetails: iamName("User"),
    ListPolicies: {
      ask: { Scope: "Local" },
      make: async ({ iam }, PolicyName) => {
        await iam("CreatePolicy", { PolicyName, PolicyDocument: policy });
        return PolicyName;
      },
      remove: ({ iam }, id) =>
        iam("DeletePolicy", { PolicyArn: `arn:aws:iam::000000000000:policy/${id}` }),
    },
    ListRolePolicies: inline("Role"),
    ListUserPolicies: inline("User"),
    ListGroupPolicies: inline("Group"),
    ListAttachedRolePolicies: attached("Role"),
    ListAttachedUserPolicies: attached("User"),
    ListAttachedGroupPolicies: attached("Group"),
    ListRoleTags: iamTags("RoleName", "holder", "Role"),
    ListUserTags: iamTags("UserName", "holder", "User"),
    ListPolicyTags: iamTags("PolicyArn", policyArn, "Policy"),
    ListInstanceProfileTags: iamTags("InstanceProfileName", "holder", "InstanceProfile"),
    ListOpenIDConnectProviderTags: iamTags(
      "OpenIDConnectProviderArn",
      providerArn,
      "OpenIDConnectProvider",
    ),
    GetGroup: {
      prepare: holder,
      ask: { GroupName: "holder" },
      make: async ({ iam }, UserName) => {
        await iam("CreateUser", { UserName });
        await iam("AddUserToGroup", { GroupName: "holder", UserName });
        return UserName;
      },
      remove: ({ iam }, UserName) => iam("RemoveUserFromGroup", { GroupName: "holder", UserName }),
    },
    ListGroupsForUser: {
      prepare: holder,
      ask: { UserName: "holder" },
      make: async ({ iam }, GroupName) => {
        await iam("CreateGroup", { GroupName });
        await iam("AddUserToGroup", { GroupName, UserName: "holder" });
        return GroupName;
      },
      remove: ({ iam }, GroupName) => iam("RemoveUserFromGroup", { GroupName, UserName: "holder" }),
    },
    ListInstanceProfilesForRole: {
      prepare: holder,
      ask: { RoleName: "holder" },
      make: async ({ iam }, InstanceProfileName) => {
        await iam("CreateInstanceProfile", { InstanceProfileName });
        await iam("AddRoleToInstanceProfile", { InstanceProfileName, RoleName: "holder" });
        return InstanceProfileName;
      },
      remove: ({ iam }, id) =>
        iam("RemoveRoleFromInstanceProfile", { InstanceProfileName: id, RoleName: "holder" }),
    },
    ListEntitiesForPolicy: {
      prepare: holder,
      ask: { PolicyArn: policyArn },
      make: async ({ iam }, UserName) => {
        await iam("CreateUser", { UserName });
        await iam("AttachUserPolicy", { UserName, PolicyArn: policyArn });
        return UserName;
      },
      remove: ({ iam }, UserName) => iam("DetachUserPolicy", { UserName, PolicyArn: policyArn }),
    },
  },
  kms: {
    ListKeys: { make: key },
    ListAliases: {
      prepare: async (calls) => {
        heldKey = await key(calls);
      },
      make: async ({ kms }, name) => {
        await kms("CreateAlias", { AliasName: `alias/${name}`, TargetKeyId: heldKey });
        return `alias/${name}`;
      },
      remove: ({ kms }, AliasName) => kms("DeleteAlias", { AliasName }),
    },
  },
  logs: {
    DescribeLogGroups: {
      make: async ({ logs }, logGroupName) => {
        await logs("CreateLogGroup", { logGroupName });
        return logGroupName;
      },
      remove: ({ logs }, logGroupName) => logs("DeleteLogGroup", { logGroupName }),
    },
    DescribeLogStreams: {
      prepare: ({ logs }) => logs("CreateLogGroup", { logGroupName: "holder" }),
      ask: { logGroupName: "holder" },
      make: async ({ logs }, logStreamName) => {
        await logs("CreateLogStream", { logGroupName: "holder", logStreamName });
        return logStreamName;
      },
      remove: ({ logs }, logStreamName) =>
        logs("DeleteLogStream", { logGroupName: "holder", logStreamName }),
    },
    DescribeMetricFilters: {
      prepare: ({ logs }) => logs("CreateLogGroup", { logGroupName: "holder" }),
      ask: { logGroupName: "holder" },
      make: async ({ logs }, filterName) => {
        const metricTransformations = [{ metricName: "m", metricNamespace: "n", metricValue: "1" }];
        await logs("PutMetricFilter", {
          logGroupName: "holder",
          filterName,
          filterPattern: "",
          metricTransformations,
        });
        return filterName;
      },
      remove: ({ logs }, filterName) =>
        logs("DeleteMetricFilter", { logGroupName: "holder", filterName }),
    },
  },
  secretsmanager: {
    ListSecrets: {
      make: async ({ secretsmanager }, Name) => {
        await secretsmanager("CreateSecret", { Name, SecretString: "x" });
        return Name;
      },
      remove: ({ secretsmanager }, SecretId) =>
        secretsmanager("DeleteSecret", { SecretId, ForceDeleteWithoutRecovery: true }),
    },
  },
  ssm: {
    DescribeParameters: {
      make: async ({ ssm }, Name) => {
        await ssm("PutParameter", { Name, Value: "x", Type: "String" });
        return Name;
      },
      remove: ({ ssm }, Name) => ssm("DeleteParameter", { Name }),
    },
    GetParametersByPath: {
      ask: { Path: "/p" },
      make: async ({ ssm }, name) => {
        await ssm("PutParameter", { Name: `/p/${name}`, Value: "x", Type: "String" });
        return `/p/${name}`;
      },
      remove: ({ ssm }, Name) => ssm("DeleteParameter", { Name }),
    },
  },
};

/** The code for a token that was not given out. */
const badTokens: Readonly<Record<ServiceName, string>> = {
  ec2: "InvalidNextToken",
  ecr: "InvalidParameterException",
  ecs: "InvalidParameterException",
  elbv2: "ValidationError",
  iam: "ValidationError",
  kms: "InvalidMarkerException",
  logs: "InvalidParameterException",
  secretsmanager: "InvalidNextTokenException",
  ssm: "InvalidNextToken",
  sts: "ValidationError",
};

async function openCalls(cloud: TestGateway): Promise<Calls> {
  const open = async (service: ServiceName) => {
    const call: Caller = await openCaller(cloud, service);
    return [
      service,
      async (operation: string, input: Input): Promise<Input> => {
        const outcome = await call(operation, input);
        if (outcome.type === "done") return outcome.output;
        throw Object.assign(
          new Error(`${operation}: ${outcome.code}: ${outcome.message}`),
          outcome,
        );
      },
    ] as const;
  };
  return Object.fromEntries(await Promise.all(serviceNames.map(open))) as Calls;
}

const tokenName = /^(nextToken|marker|nextMarker)$/i;
const sizeName = /^(maxResults|maxItems|limit|pageSize)$/i;
type Paged = {
  readonly service: ServiceName;
  readonly name: string;
  readonly token: string;
  readonly size: string;
  readonly needs: Input;
};

async function pagedOperations(): Promise<Paged[]> {
  const all = await Promise.all(
    serviceNames.map(async (service) => {
      const { operations, constraints } = await readDeclared(service);
      return operations.flatMap(({ name, operation, input }): Paged[] => {
        const token = input?.members.find(
          (one) => tokenName.test(one.name) && one.name in operation.accepts,
        );
        const size = input?.members.find(
          (one) => sizeName.test(one.name) && one.name in operation.accepts,
        );
        if (!input || !token || !size) return [];
        return [
          { service, name, token: token.name, size: size.name, needs: minimal(input, constraints) },
        ];
      });
    }),
  );
  return all.flat();
}

const paged = await pagedOperations();
const listed = paged.flatMap((one) => {
  const list = lists[one.service]?.[one.name];
  return list ? [{ ...one, list }] : [];
});

describe("lists in pages", () => {
  it.each(listed)(
    "$service $name: whole, once each, while some come and go",
    async ({ service, name, token, size, needs, list }) => {
      await using cloud = await startAllServices();
      const calls = await openCalls(cloud);
      await list.prepare?.(calls);
      const least = list.size ?? 1;
      const made: string[] = [];
      let count = 0;
      const make = async (): Promise<void> => {
        made.push(await list.make(calls, `page-${String(++count).padStart(2, "0")}`));
      };
      while (count < 2 * least + 3) await make();
      const gone = new Set<string>();
      const before = new Set(made);
      const seen: string[] = [];
      let next: string | undefined;
      for (let page = 0; page < 60; page++) {
        const ask = {
          ...needs,
          ...list.ask,
          [size]: least,
          ...(next !== undefined && { [token]: next }),
        };
        const output = await calls[service](name, ask);
        const found = idsIn(output, made);
        expect(found.length, `page ${page}`).toBeLessThanOrEqual(least);
        seen.push(...found);
        next = Object.entries(output).find(([member]) => tokenName.test(member))?.[1] as
          | string
          | undefined;
        if (!next) break;
        // The token's own item goes, and something new comes.
        const last = found.at(-1);
        if (page < 2) {
          if (last !== undefined && list.remove) {
            await list.remove(calls, last);
            gone.add(last);
          }
          await make();
        }
      }
      expect(next).toBeFalsy();
      expect(new Set(seen).size).toBe(seen.length);
      const stayed = [...before].filter((id) => !gone.has(id));
      expect(seen).toEqual(expect.arrayContaining(stayed));
    },
  );

  describe("a token that was never given out", () => {
    let calls: Calls;
    beforeAll(async () => {
      const cloud = await startAllServices();
      calls = await openCalls(cloud);
      await holder(calls);
      await forEcs(calls);
      await calls.logs("CreateLogGroup", { logGroupName: "holder" });
      await calls.logs("CreateLogStream", { logGroupName: "holder", logStreamName: "holder" });
      await calls.ssm("PutParameter", { Name: "holder", Value: "x", Type: "String" });
      await calls.secretsmanager("CreateSecret", { Name: "holder", SecretString: "x" });
      await calls.iam("CreateVirtualMFADevice", { VirtualMFADeviceName: "holder" });
      await calls.iam("UploadServerCertificate", {
        ServerCertificateName: "holder",
        CertificateBody: certificate,
        PrivateKey: privateKey,
      });
      await calls.ecr("CreateRepository", { repositoryName: "holder" });
      heldKey = await key(calls);
      return () => cloud.close();
    });

    it.each(paged)(
      "$service $name: refused in the service's words",
      async ({ service, name, token, needs }) => {
        const named = Object.fromEntries(
          Object.keys(needs).flatMap((member) => {
            const value = holders[member];
            return value === undefined ? [] : [[member, value()]];
          }),
        );
        const ask = {
          ...needs,
          ...named,
          ...extra[name],
          ...lists[service]?.[name]?.ask,
          [token]: "bm90LWEtdG9rZW4",
        };
        const failed = await calls[service](name, ask).then(
          () => undefined,
          (error: unknown) => error,
        );
        if (unknown.has(name)) return expect(failed).toBeDefined();
        expect(failed).toMatchObject({ status: 400, code: badTokens[service] });
      },
    );
  });
});

const holders: Readonly<Record<string, () => unknown>> = {
  RoleName: () => "holder",
  UserName: () => "holder",
  GroupName: () => "holder",
  InstanceProfileName: () => "holder",
  PolicyArn: () => policyArn,
  OpenIDConnectProviderArn: () => providerArn,
  SerialNumber: () => "arn:aws:iam::000000000000:mfa/holder",
  ServerCertificateName: () => "holder",
  PolicySourceArn: () => "arn:aws:iam::000000000000:role/holder",
  logGroupName: () => "holder",
  repositoryName: () => "holder",
  KeyId: () => heldKey,
};

const extra: Readonly<Record<string, Input>> = {
  SimulatePrincipalPolicy: { ActionNames: ["s3:GetObject"] },
  SimulateCustomPolicy: { ActionNames: ["s3:GetObject"], PolicyInputList: [policy] },
  GetLogEvents: { logGroupName: "holder", logStreamName: "holder" },
  GetParameterHistory: { Name: "holder" },
  ListSecretVersionIds: { SecretId: "holder" },
  FilterLogEvents: { logGroupName: "holder" },
  DescribeLogStreams: { logGroupName: "holder" },
};

/** What they list has to be there first, and is not made here. */
const unknown: ReadonlySet<string> = new Set([
  "GetManagedPrefixListAssociations",
  "GetManagedPrefixListEntries",
  "GetSecurityGroupsForVpc",
  "GetSubnetCidrReservations",
  "DescribeStaleSecurityGroups",
  "DescribeRules",
  "DescribeListeners",
  "BatchGetSecretValue",
  "GetQueryResults",
  "ListSAMLProviderTags",
]);

const idsIn = (output: Input, made: readonly string[]): string[] => {
  const { $metadata: _, ...rest } = output;
  const text = JSON.stringify(rest);
  return made.filter((id) =>
    new RegExp(`${id.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}(?![\\w-])`).test(text),
  );
};
