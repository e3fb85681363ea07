/**
 * Input members of which no test shows an effect by running a request with and without them, and why: they have
 * none that a caller could miss, or it shows elsewhere than in an answer or a record.
 */
const reasons: Readonly<Record<string, readonly string[]>> = {
  "every zone is opted in": ["ec2 DescribeAvailabilityZones AllAvailabilityZones"],
  "a region has one border group and one domain of addresses, and others are refused": [
    "ec2 AllocateAddress NetworkBorderGroup",
    "ec2 AllocateAddress Domain",
    "ec2 ReleaseAddress NetworkBorderGroup",
    "ec2 DescribeAddressesAttribute Attribute",
  ],
  "addresses are released by their allocation, and by themselves refused": [
    "ec2 ReleaseAddress PublicIp",
  ],
  "there are no instances, so what names one is refused": [
    "ec2 AttachNetworkInterface NetworkInterfaceId",
    "ec2 AttachNetworkInterface InstanceId",
    "ec2 AttachNetworkInterface DeviceIndex",
    "ec2 DetachNetworkInterface AttachmentId",
    "ec2 DetachNetworkInterface Force",
    "ec2 AttachNetworkInterface DryRun",
    "ec2 DetachNetworkInterface DryRun",
  ],
  "flow logs go to CloudWatch Logs, which is the default, and other destinations are refused": [
    "ec2 CreateFlowLogs LogDestinationType",
  ],
  "interfaces have one type, and others are refused": ["ec2 CreateNetworkInterface InterfaceType"],
  "subnets have no IPv6 here, so it is refused": [
    "ec2 ModifySubnetAttribute EnableDns64",
    "ec2 ModifySubnetAttribute EnableDns64.Value",
    "ec2 ModifySubnetAttribute AssignIpv6AddressOnCreation.Value",
  ],
  "endpoints have IPv4 addresses, which is the default, and others are refused": [
    "ec2 CreateVpcEndpoint IpAddressType",
    "ec2 CreateVpcEndpoint DnsOptions",
    "ec2 CreateVpcEndpoint DnsOptions.DnsRecordIpType",
    "ec2 ModifyVpcEndpoint IpAddressType",
    "ec2 ModifyVpcEndpoint DnsOptions",
    "ec2 ModifyVpcEndpoint DnsOptions.DnsRecordIpType",
  ],
  "no endpoint of a kind that routes may lead to is built, and others are refused": [
    "ec2 CreateRoute VpcEndpointId",
    "ec2 ReplaceRoute VpcEndpointId",
  ],
  "capacity providers have no tags": ["ecs DescribeCapacityProviders include"],
  "a condition's operator says how values are read, whatever their type is called": [
    "iam SimulateCustomPolicy ContextEntries.ContextKeyType",
    "iam SimulatePrincipalPolicy ContextEntries.ContextKeyType",
  ],
  "the manifest says of itself what it is, and another kind is refused": [
    "ecr PutImage imageManifestMediaType",
  ],
  "a running query shows it in its results (services/logs/queries.test.ts)": [
    "logs StartQuery startTime",
    "logs StartQuery limit",
    "logs StartQuery queryLanguage",
    "logs StopQuery queryId",
  ],
  "events show it where they are kept (services/logs/logs.test.ts, long-batches.test.ts)": [
    "logs PutLogEvents logGroupName",
    "logs PutLogEvents logStreamName",
    "logs PutLogEvents logEvents",
    "logs PutLogEvents logEvents.timestamp",
    "logs PutLogEvents logEvents.message",
  ],
  "AWS has passed over sequence tokens since 2023": ["logs PutLogEvents sequenceToken"],
  "results are always interleaved, on AWS too": ["logs FilterLogEvents interleaved"],
  "nothing is masked, since data protection policies are refused": [
    "logs FilterLogEvents unmask",
    "logs GetLogEvents unmask",
    "logs GetLogRecord unmask",
  ],
  "a live tail shows it in what it sends (services/logs/live-tail.test.ts)": [
    "logs StartLiveTail logGroupIdentifiers",
    "logs StartLiveTail logStreamNames",
    "logs StartLiveTail logStreamNamePrefixes",
    "logs StartLiveTail logEventFilterPattern",
  ],
  "the command shows it (services/ecs/execute-command.test.ts, test/scenarios/exec.test.ts)": [
    "ecs ExecuteCommand command",
    "ecs ExecuteCommand interactive",
    "ecs ExecuteCommand task",
    "ecs ExecuteCommand cluster",
    "ecs ExecuteCommand container",
    "ssm ResumeSession SessionId",
    "ssm TerminateSession SessionId",
  ],
  "the layer shows it (services/ecr/layer-uploads.test.ts)": [
    "ecr InitiateLayerUpload repositoryName",
    "ecr InitiateLayerUpload registryId",
    "ecr UploadLayerPart repositoryName",
    "ecr UploadLayerPart uploadId",
    "ecr UploadLayerPart partFirstByte",
    "ecr UploadLayerPart partLastByte",
    "ecr UploadLayerPart layerPartBlob",
    "ecr UploadLayerPart registryId",
    "ecr CompleteLayerUpload repositoryName",
    "ecr CompleteLayerUpload uploadId",
    "ecr CompleteLayerUpload layerDigests",
    "ecr CompleteLayerUpload registryId",
  ],
  "keys have one policy of one name": ["kms ListKeyPolicies Limit", "kms ListKeyPolicies Marker"],
  "AWS has fewer lists than fill a page": ["ec2 DescribePrefixLists NextToken"],
  "no address has a domain name, so there are none to give in pages": [
    "ec2 DescribeAddressesAttribute NextToken",
    "ec2 DescribeAddressesAttribute MaxResults",
  ],
  "queries in other languages are refused": ["logs PutQueryDefinition queryLanguage"],
  "no rotation function runs, so that rotation makes no version to be called so": [
    "secretsmanager RotateSecret ClientRequestToken",
  ],
  "an account has one alias": ["iam ListAccountAliases Marker", "iam ListAccountAliases MaxItems"],
  "there is one platform version, and others are refused": [
    "ecs CreateService platformVersion",
    "ecs RunTask platformVersion",
    "ecs UpdateService platformVersion",
  ],
  "services are replicas that ECS deploys by rolling, which is the default, and others are refused":
    [
      "ecs CreateService schedulingStrategy",
      "ecs CreateService deploymentController.type",
      "ecs CreateService deploymentConfiguration.strategy",
      "ecs UpdateService deploymentConfiguration.strategy",
      "ecs UpdateService deploymentController",
      "ecs UpdateService deploymentController.type",
    ],
  "services of Fargate have ECS's own role, and others are refused": ["ecs CreateService role"],
  "placement is refused for Fargate": ["CreateService", "RunTask", "UpdateService"].flatMap(
    (name) =>
      [
        "Constraints",
        "Constraints.type",
        "Constraints.expression",
        "Strategy",
        "Strategy.type",
        "Strategy.field",
      ].map((member) => `ecs ${name} placement${member}`),
  ),
  "accelerators are refused": [
    "ecs RegisterTaskDefinition inferenceAccelerators",
    "ecs RegisterTaskDefinition inferenceAccelerators.deviceName",
    "ecs RegisterTaskDefinition inferenceAccelerators.deviceType",
    "ecs RunTask overrides.inferenceAcceleratorOverrides",
    "ecs RunTask overrides.inferenceAcceleratorOverrides.deviceName",
    "ecs RunTask overrides.inferenceAcceleratorOverrides.deviceType",
    ...[
      "",
      ".type",
      ".value",
      ".sharingStrategy",
      ".sharingStrategy.nvidiaMps",
      ".sharingStrategy.nvidiaMps.memory",
      ".sharingStrategy.nvidiaMps.maxComputePercent",
    ].map((member) => `ecs RunTask overrides.containerOverrides.resourceRequirements${member}`),
  ],
  "an action that stands alone has the order 1, and others are refused": [
    "elbv2 CreateListener DefaultActions.Order",
    "elbv2 ModifyListener DefaultActions.Order",
  ],
  "stickiness between target groups is refused": ["CreateListener", "ModifyListener"].flatMap(
    (name) =>
      ["", ".Enabled", ".DurationSeconds"].map(
        (member) =>
          `elbv2 ${name} DefaultActions.ForwardConfig.TargetGroupStickinessConfig${member}`,
      ),
  ),
  "application balancers, HTTP/1 targets and IPv4 are the default, and others are refused": [
    "elbv2 CreateLoadBalancer Type",
    "elbv2 CreateLoadBalancer IpAddressType",
    "elbv2 SetSubnets IpAddressType",
    "elbv2 CreateTargetGroup ProtocolVersion",
    "elbv2 CreateTargetGroup HealthCheckProtocol",
    "elbv2 CreateTargetGroup IpAddressType",
    "elbv2 ModifyTargetGroup HealthCheckProtocol",
    "elbv2 ModifyTargetGroup HealthCheckEnabled",
    "elbv2 ModifyListener Protocol",
  ],
  "a target is known by its address and port; its zone follows from the address": [
    "elbv2 DeregisterTargets Targets.AvailabilityZone",
    "elbv2 DescribeTargetHealth Targets.AvailabilityZone",
  ],
  "a rule is taken away whatever it was described as": ["Egress", "Ingress"].flatMap((way) =>
    ["UserIdGroupPairs", "IpRanges", "Ipv6Ranges", "PrefixListIds"].map(
      (peers) => `ec2 RevokeSecurityGroup${way} IpPermissions.${peers}.Description`,
    ),
  ),
};

export const reviewedMembers: readonly string[] = Object.values(reasons).flat();
const members = new Set(reviewedMembers);

export const reviewed = (operation: string, member: string): boolean =>
  members.has(`${operation} ${member}`);
