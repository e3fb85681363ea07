/** The hello-fargate service: role, logs, repository, cluster, definition, balancer and service. */
import { CreateLogGroupCommand, PutRetentionPolicyCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateRepositoryCommand, PutLifecyclePolicyCommand } from "@aws-sdk/client-ecr";
import {
  CreateClusterCommand,
  CreateServiceCommand,
  RegisterTaskDefinitionCommand,
} from "@aws-sdk/client-ecs";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ModifyTargetGroupAttributesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { AttachRolePolicyCommand, CreateRoleCommand } from "@aws-sdk/client-iam";
import { need, type Resource, type Settings } from "./resource.ts";

const executionPolicy = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";

const trustPolicy = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: "sts:AssumeRole",
      Principal: { Service: "ecs-tasks.amazonaws.com" },
    },
  ],
};

const lifecyclePolicy = {
  rules: [
    {
      rulePriority: 1,
      description: "Keep the last 10 images",
      selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 10 },
      action: { type: "expire" },
    },
  ],
};

export function serviceResources(settings: Settings): Resource[] {
  return [
    ...roleResources(settings),
    logGroup(settings),
    ...repositoryResources(settings),
    cluster(settings),
    taskDefinition(settings),
    ...balancerResources(settings),
    service(settings),
  ];
}

function roleResources({ name }: Settings): Resource[] {
  return [
    {
      type: "aws_iam_role",
      name: "execution",
      attributes: { name: `${name}-execution` },
      async make({ iam }) {
        const { Role } = await iam.send(
          new CreateRoleCommand({
            RoleName: `${name}-execution`,
            AssumeRolePolicyDocument: JSON.stringify(trustPolicy),
          }),
        );
        return need(Role?.Arn, "Arn");
      },
    },
    {
      type: "aws_iam_role_policy_attachment",
      name: "execution",
      attributes: { policy_arn: executionPolicy },
      async make({ iam }) {
        await iam.send(
          new AttachRolePolicyCommand({
            RoleName: `${name}-execution`,
            PolicyArn: executionPolicy,
          }),
        );
        return executionPolicy;
      },
    },
  ];
}

function logGroup({ name }: Settings): Resource {
  const logGroupName = `/ecs/${name}`;
  return {
    type: "aws_cloudwatch_log_group",
    name: "app",
    attributes: { name: logGroupName, retention_in_days: 7 },
    async make({ logs }) {
      await logs.send(new CreateLogGroupCommand({ logGroupName }));
      await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 7 }));
      return logGroupName;
    },
  };
}

function repositoryResources({ name }: Settings): Resource[] {
  return [
    {
      type: "aws_ecr_repository",
      name: "app",
      attributes: { name, force_delete: true },
      async make({ ecr }) {
        const { repository } = await ecr.send(
          new CreateRepositoryCommand({
            repositoryName: name,
            imageScanningConfiguration: { scanOnPush: true },
          }),
        );
        return need(repository?.repositoryUri, "repositoryUri");
      },
    },
    {
      type: "aws_ecr_lifecycle_policy",
      name: "app",
      attributes: { repository: name },
      async make({ ecr }) {
        await ecr.send(
          new PutLifecyclePolicyCommand({
            repositoryName: name,
            lifecyclePolicyText: JSON.stringify(lifecyclePolicy),
          }),
        );
        return name;
      },
    },
  ];
}

function cluster({ name }: Settings): Resource {
  return {
    type: "aws_ecs_cluster",
    name: "main",
    attributes: { name },
    async make({ ecs }) {
      const answer = await ecs.send(new CreateClusterCommand({ clusterName: name }));
      return need(answer.cluster?.clusterArn, "clusterArn");
    },
  };
}

function taskDefinition({ name, region, port, imageTag }: Settings): Resource {
  return {
    type: "aws_ecs_task_definition",
    name: "app",
    attributes: { family: name, cpu: "256", memory: "512", network_mode: "awsvpc" },
    async make({ ecs }, made) {
      const options = {
        "awslogs-group": made.id("aws_cloudwatch_log_group.app"),
        "awslogs-region": region,
        "awslogs-stream-prefix": "web",
      };
      const answer = await ecs.send(
        new RegisterTaskDefinitionCommand({
          family: name,
          requiresCompatibilities: ["FARGATE"],
          networkMode: "awsvpc",
          cpu: "256",
          memory: "512",
          executionRoleArn: made.id("aws_iam_role.execution"),
          containerDefinitions: [
            {
              name: "web",
              image: `${made.id("aws_ecr_repository.app")}:${imageTag}`,
              essential: true,
              portMappings: [{ containerPort: port, protocol: "tcp" }],
              logConfiguration: { logDriver: "awslogs", options },
            },
          ],
        }),
      );
      return need(answer.taskDefinition?.taskDefinitionArn, "taskDefinitionArn");
    },
  };
}

function balancerResources({ name, port }: Settings): Resource[] {
  return [
    {
      type: "aws_lb",
      name: "main",
      attributes: { name, load_balancer_type: "application", internal: false },
      async make({ elb }, made) {
        const { LoadBalancers } = await elb.send(
          new CreateLoadBalancerCommand({
            Name: name,
            Type: "application",
            Subnets: [made.id("aws_subnet.public-a"), made.id("aws_subnet.public-c")],
            SecurityGroups: [made.id("aws_security_group.balancer")],
          }),
        );
        return need(LoadBalancers?.[0]?.LoadBalancerArn, "LoadBalancerArn");
      },
    },
    {
      type: "aws_lb_target_group",
      name: "app",
      attributes: { name, target_type: "ip", protocol: "HTTP", port, deregistration_delay: "5" },
      async make({ elb }, made) {
        const { TargetGroups } = await elb.send(
          new CreateTargetGroupCommand({
            Name: name,
            VpcId: made.id("aws_vpc.main"),
            TargetType: "ip",
            Protocol: "HTTP",
            Port: port,
            HealthCheckPath: "/",
            HealthCheckIntervalSeconds: 5,
            HealthCheckTimeoutSeconds: 2,
            HealthyThresholdCount: 3,
            UnhealthyThresholdCount: 3,
          }),
        );
        const TargetGroupArn = need(TargetGroups?.[0]?.TargetGroupArn, "TargetGroupArn");
        const Attributes = [{ Key: "deregistration_delay.timeout_seconds", Value: "5" }];
        await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
        return TargetGroupArn;
      },
    },
    {
      type: "aws_lb_listener",
      name: "http",
      attributes: { port: 80, protocol: "HTTP" },
      async make({ elb }, made) {
        const { Listeners } = await elb.send(
          new CreateListenerCommand({
            LoadBalancerArn: made.id("aws_lb.main"),
            Port: 80,
            Protocol: "HTTP",
            DefaultActions: [
              { Type: "forward", TargetGroupArn: made.id("aws_lb_target_group.app") },
            ],
          }),
        );
        return need(Listeners?.[0]?.ListenerArn, "ListenerArn");
      },
    },
  ];
}

function service({ name, port }: Settings): Resource {
  return {
    type: "aws_ecs_service",
    name: "app",
    attributes: {
      name,
      desired_count: 2,
      launch_type: "FARGATE",
      platform_version: "1.4.0",
      health_check_grace_period_seconds: 60,
    },
    async make({ ecs }, made) {
      const answer = await ecs.send(
        new CreateServiceCommand({
          serviceName: name,
          cluster: made.id("aws_ecs_cluster.main"),
          taskDefinition: made.id("aws_ecs_task_definition.app"),
          desiredCount: 2,
          launchType: "FARGATE",
          platformVersion: "1.4.0",
          healthCheckGracePeriodSeconds: 60,
          networkConfiguration: {
            awsvpcConfiguration: {
              subnets: [made.id("aws_subnet.private-a"), made.id("aws_subnet.private-c")],
              securityGroups: [made.id("aws_security_group.app")],
              assignPublicIp: "DISABLED",
            },
          },
          loadBalancers: [
            {
              targetGroupArn: made.id("aws_lb_target_group.app"),
              containerName: "web",
              containerPort: port,
            },
          ],
        }),
      );
      return need(answer.service?.serviceArn, "serviceArn");
    },
  };
}
