/** One of every kind of resource, made by the SDK in one account and region: what tests over all services look for. */
import type { TestGateway } from "../../src/gateway/testing.ts";
import type { Scope } from "../../src/model/scope.ts";
import type { ServiceName } from "../../tools/wire-model.ts";
import { type Input, type Outcome, openCaller } from "./generic-calls.ts";

export type World = {
  /** What operations name resources by: ids, names and ARNs, by the member that takes them. */
  readonly known: ReadonlyMap<string, string>;
  /** Every ARN there is. */
  readonly arns: readonly string[];
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

/** Names begin with `name`, so that two worlds can be told apart. */
export async function makeWorld(
  cloud: TestGateway,
  scope: Partial<Scope>,
  name: string,
): Promise<World> {
  const known = new Map<string, string>();
  const arns = new Set<string>();
  const make = async (service: ServiceName, operation: string, input: Input): Promise<Input> => {
    const call = await openCaller(cloud, service);
    const output = requireDone(operation, await call(operation, input, scope));
    for (const [arn] of JSON.stringify(output).matchAll(/arn:aws:[a-z0-9-]+:[^"\\]*/g))
      arns.add(arn);
    return output;
  };
  const keep = (member: string, value: unknown): string => {
    if (typeof value !== "string") throw new Error(`${member} was not given`);
    known.set(member, value);
    return value;
  };

  const { Vpc } = await make("ec2", "CreateVpc", { CidrBlock: "10.9.0.0/16" });
  const VpcId = keep("VpcId", pick(Vpc, "VpcId"));
  const zones = pick(
    await make("ec2", "DescribeAvailabilityZones", {}),
    "AvailabilityZones",
  ) as Input[];
  const subnets: string[] = [];
  for (const at of [0, 1]) {
    const AvailabilityZone = zones[at]?.["ZoneName"];
    const made = await make("ec2", "CreateSubnet", {
      VpcId,
      CidrBlock: `10.9.${at}.0/24`,
      AvailabilityZone,
    });
    subnets.push(keep("SubnetId", pick(made["Subnet"], "SubnetId")));
  }
  const gateway = await make("ec2", "CreateInternetGateway", {});
  const InternetGatewayId = keep(
    "InternetGatewayId",
    pick(gateway["InternetGateway"], "InternetGatewayId"),
  );
  await make("ec2", "AttachInternetGateway", { VpcId, InternetGatewayId });
  const group = await make("ec2", "CreateSecurityGroup", {
    VpcId,
    GroupName: name,
    Description: name,
  });
  const GroupId = keep("GroupId", group["GroupId"]);
  const table = await make("ec2", "CreateRouteTable", { VpcId });
  keep("RouteTableId", pick(table["RouteTable"], "RouteTableId"));
  const acl = await make("ec2", "CreateNetworkAcl", { VpcId });
  keep("NetworkAclId", pick(acl["NetworkAcl"], "NetworkAclId"));
  const address = await make("ec2", "AllocateAddress", {});
  keep("AllocationId", address["AllocationId"]);
  const link = await make("ec2", "CreateNetworkInterface", { SubnetId: subnets[0] });
  keep("NetworkInterfaceId", pick(link["NetworkInterface"], "NetworkInterfaceId"));

  keep("RoleName", name);
  const role = await make("iam", "CreateRole", { RoleName: name, AssumeRolePolicyDocument: trust });
  keep("RoleArn", pick(role["Role"], "Arn"));
  keep("UserName", name);
  await make("iam", "CreateUser", { UserName: name });
  await make("iam", "CreateGroup", { GroupName: name });
  await make("iam", "CreateInstanceProfile", { InstanceProfileName: name });
  keep("InstanceProfileName", name);
  const managed = await make("iam", "CreatePolicy", { PolicyName: name, PolicyDocument: policy });
  keep("PolicyArn", pick(managed["Policy"], "Arn"));
  const provider = await make("iam", "CreateOpenIDConnectProvider", {
    Url: `https://${name}.example`,
  });
  keep("OpenIDConnectProviderArn", provider["OpenIDConnectProviderArn"]);

  await make("logs", "CreateLogGroup", { logGroupName: name });
  await make("logs", "CreateLogStream", { logGroupName: name, logStreamName: name });
  await make("logs", "DescribeLogGroups", {});
  keep("logGroupName", name);
  await make("ecr", "CreateRepository", { repositoryName: name });
  keep("repositoryName", name);
  const key = await make("kms", "CreateKey", {});
  const KeyId = keep("KeyId", pick(key["KeyMetadata"], "KeyId"));
  await make("kms", "CreateAlias", { AliasName: `alias/${name}`, TargetKeyId: KeyId });
  await make("ssm", "PutParameter", { Name: name, Value: "x", Type: "String" });
  await make("ssm", "GetParameter", { Name: name });
  keep("Name", name);
  await make("secretsmanager", "CreateSecret", { Name: name, SecretString: "x" });
  keep("SecretId", name);

  const balancer = await make("elbv2", "CreateLoadBalancer", {
    Name: name,
    Subnets: subnets,
    SecurityGroups: [GroupId],
  });
  const LoadBalancerArn = keep(
    "LoadBalancerArn",
    pick((balancer["LoadBalancers"] as Input[])[0], "LoadBalancerArn"),
  );
  const targets = await make("elbv2", "CreateTargetGroup", {
    Name: name,
    VpcId,
    Protocol: "HTTP",
    Port: 80,
    TargetType: "ip",
  });
  const TargetGroupArn = keep(
    "TargetGroupArn",
    pick((targets["TargetGroups"] as Input[])[0], "TargetGroupArn"),
  );
  const listener = await make("elbv2", "CreateListener", {
    LoadBalancerArn,
    Protocol: "HTTP",
    Port: 80,
    DefaultActions: [{ Type: "forward", TargetGroupArn }],
  });
  keep("ListenerArn", pick((listener["Listeners"] as Input[])[0], "ListenerArn"));

  const cluster = await make("ecs", "CreateCluster", { clusterName: name });
  keep("cluster", pick(cluster["cluster"], "clusterArn"));
  const definition = await make("ecs", "RegisterTaskDefinition", {
    family: name,
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    cpu: "256",
    memory: "512",
    containerDefinitions: [{ name: "main", image: "main" }],
  });
  keep("taskDefinition", pick(definition["taskDefinition"], "taskDefinitionArn"));
  const launch = {
    cluster: name,
    taskDefinition: name,
    launchType: "FARGATE",
    networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups: [GroupId] } },
  };
  const service = await make("ecs", "CreateService", {
    ...launch,
    serviceName: name,
    desiredCount: 1,
  });
  keep("service", pick(service["service"], "serviceArn"));
  const ran = await make("ecs", "RunTask", launch);
  keep("task", pick((ran["tasks"] as Input[])[0], "taskArn"));
  return { known, arns: [...arns] };
}

function requireDone(operation: string, outcome: Outcome): Input {
  if (outcome.type === "done") return outcome.output;
  throw new Error(`${operation}: ${outcome.code}: ${outcome.message}`);
}

const pick = (of: unknown, member: string): unknown => (of as Input | undefined)?.[member];
