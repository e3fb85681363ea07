/**
 * Policies that AWS manages, the ones that stacks around ECS attach. Those without a statement here
 * are known by name and allow nothing.
 */

type Statement = {
  readonly Effect: "Allow";
  readonly Action: readonly string[] | string;
  readonly Resource: readonly string[] | string;
  readonly Condition?: Readonly<Record<string, unknown>>;
};

export type AwsManagedPolicy = {
  readonly name: string;
  readonly path: string;
  readonly statements: readonly Statement[];
};

const allow = (
  Action: readonly string[] | string,
  more: { Resource?: readonly string[]; Condition?: Readonly<Record<string, unknown>> } = {},
): Statement => ({ Effect: "Allow", Action, Resource: "*", ...more });

const pullImages = [
  "ecr:GetAuthorizationToken",
  "ecr:BatchCheckLayerAvailability",
  "ecr:GetDownloadUrlForLayer",
  "ecr:BatchGetImage",
];
const writeLogs = ["logs:CreateLogStream", "logs:PutLogEvents"];

const policy = (path: string, name: string, ...statements: Statement[]): AwsManagedPolicy => ({
  name,
  path,
  statements,
});

export const awsManagedPolicies: readonly AwsManagedPolicy[] = [
  policy(
    "/service-role/",
    "AmazonECSTaskExecutionRolePolicy",
    allow([...pullImages, ...writeLogs]),
  ),
  policy(
    "/service-role/",
    "AmazonEC2ContainerServiceforEC2Role",
    allow([
      "ec2:DescribeTags",
      "ecs:CreateCluster",
      "ecs:DeregisterContainerInstance",
      "ecs:DiscoverPollEndpoint",
      "ecs:Poll",
      "ecs:RegisterContainerInstance",
      "ecs:StartTelemetrySession",
      "ecs:UpdateContainerInstancesState",
      "ecs:Submit*",
      ...pullImages,
      ...writeLogs,
    ]),
    allow("ecs:TagResource", {
      Condition: {
        StringEquals: { "ecs:CreateAction": ["CreateCluster", "RegisterContainerInstance"] },
      },
    }),
  ),
  policy(
    "/service-role/",
    "AmazonEC2ContainerServiceEventsRole",
    allow("ecs:RunTask"),
    allow("iam:PassRole", {
      Condition: { StringLike: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    }),
    allow("ecs:TagResource", { Condition: { StringEquals: { "ecs:CreateAction": ["RunTask"] } } }),
  ),
  policy("/", "AdministratorAccess", allow("*")),
  policy("/", "AmazonS3FullAccess", allow(["s3:*", "s3-object-lambda:*"])),
  policy("/", "AmazonSSMReadOnlyAccess", allow(["ssm:Describe*", "ssm:Get*", "ssm:List*"])),
  policy("/", "AmazonSQSFullAccess", allow("sqs:*")),
  ...[
    "AmazonECS_FullAccess",
    "AmazonEC2ContainerRegistryFullAccess",
    "AmazonEC2ContainerRegistryPowerUser",
    "AmazonEC2ContainerRegistryReadOnly",
    "AmazonDynamoDBFullAccess",
    "AmazonEC2FullAccess",
    "AmazonRDSFullAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonSNSFullAccess",
    "AmazonSSMFullAccess",
    "AmazonSSMManagedInstanceCore",
    "AmazonVPCFullAccess",
    "AWSCodeDeployRoleForECS",
    "AWSCodeDeployRoleForECSLimited",
    "AWSXRayDaemonWriteAccess",
    "CloudWatchAgentServerPolicy",
    "CloudWatchFullAccess",
    "CloudWatchLogsFullAccess",
    "CloudWatchReadOnlyAccess",
    "ElasticLoadBalancingFullAccess",
    "IAMFullAccess",
    "IAMReadOnlyAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "SecretsManagerReadWrite",
  ].map((name) => policy("/", name)),
  ...[
    "AmazonECSInfrastructureRolePolicyForVolumes",
    "AmazonECSInfrastructureRolePolicyForServiceConnectTransportLayerSecurity",
    "AmazonEC2ContainerServiceRole",
    "AWSLambdaBasicExecutionRole",
  ].map((name) => policy("/service-role/", name)),
  ...[
    "AmazonECSServiceRolePolicy",
    "AWSApplicationAutoscalingECSServicePolicy",
    "AutoScalingServiceRolePolicy",
    "AWSElasticLoadBalancingServiceRolePolicy",
  ].map((name) => policy("/aws-service-role/", name)),
];
