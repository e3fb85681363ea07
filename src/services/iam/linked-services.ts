/** The AWS services that have a role of their own in an account: its name, its policy, its trust. */

export type LinkedService = {
  readonly roleName: string;
  /** The name of the policy of AWS's, with the path `/aws-service-role/`. */
  readonly policy: string;
  /** Whether an account may have several, told apart by a suffix. */
  readonly hasSuffix?: true;
};

const scaling = (suffix: string, policy: string): LinkedService => ({
  roleName: `AWSServiceRoleForApplicationAutoScaling_${suffix}`,
  policy: `AWSApplicationAutoscaling${policy}`,
});

const linked = (name: string, policy: string): LinkedService => ({
  roleName: `AWSServiceRoleFor${name}`,
  policy,
});

export const linkedServices: Readonly<Record<string, LinkedService>> = {
  "autoscaling.amazonaws.com": {
    ...linked("AutoScaling", "AutoScalingServiceRolePolicy"),
    hasSuffix: true,
  },
  "backup.amazonaws.com": linked("Backup", "AWSBackupServiceLinkedRolePolicyForBackup"),
  "batch.amazonaws.com": linked("Batch", "BatchServiceRolePolicy"),
  "dynamodb.application-autoscaling.amazonaws.com": scaling("DynamoDBTable", "DynamoDBTablePolicy"),
  "ec2fleet.amazonaws.com": linked("EC2Fleet", "AWSEC2FleetServiceRolePolicy"),
  "ecs-compute.amazonaws.com": linked("ECSCompute", "AmazonECSComputeServiceRolePolicy"),
  "ecs.amazonaws.com": linked("ECS", "AmazonECSServiceRolePolicy"),
  "ecs.application-autoscaling.amazonaws.com": scaling("ECSService", "ECSServicePolicy"),
  "eks.amazonaws.com": linked("AmazonEKS", "AmazonEKSServiceRolePolicy"),
  "elasticache.amazonaws.com": linked("ElastiCache", "ElastiCacheServiceRolePolicy"),
  "elasticfilesystem.amazonaws.com": linked(
    "AmazonElasticFileSystem",
    "AmazonElasticFileSystemServiceRolePolicy",
  ),
  "elasticloadbalancing.amazonaws.com": linked(
    "ElasticLoadBalancing",
    "AWSElasticLoadBalancingServiceRolePolicy",
  ),
  "events.amazonaws.com": linked("CloudWatchEvents", "CloudWatchEventsServiceRolePolicy"),
  "guardduty.amazonaws.com": linked("AmazonGuardDuty", "AmazonGuardDutyServiceRolePolicy"),
  "lambda.application-autoscaling.amazonaws.com": scaling(
    "LambdaConcurrency",
    "LambdaConcurrencyPolicy",
  ),
  "opensearchservice.amazonaws.com": linked(
    "AmazonOpenSearchService",
    "AmazonOpenSearchServiceRolePolicy",
  ),
  "ops.apigateway.amazonaws.com": linked("APIGateway", "APIGatewayServiceRolePolicy"),
  "organizations.amazonaws.com": linked("Organizations", "AWSOrganizationsServiceTrustPolicy"),
  "pullthroughcache.ecr.amazonaws.com": linked(
    "ECRPullThroughCache",
    "AWSECRPullThroughCache_ServiceRolePolicy",
  ),
  "rds.amazonaws.com": linked("RDS", "AmazonRDSServiceRolePolicy"),
  "rds.application-autoscaling.amazonaws.com": scaling("RDSCluster", "RDSClusterPolicy"),
  "replication.ecr.amazonaws.com": linked("ECRReplication", "ECRReplicationServiceRolePolicy"),
  "spot.amazonaws.com": linked("EC2Spot", "AWSEC2SpotServiceRolePolicy"),
  "spotfleet.amazonaws.com": linked("EC2SpotFleet", "AWSEC2SpotFleetServiceRolePolicy"),
  "ssm.amazonaws.com": linked("AmazonSSM", "AmazonSSMServiceRolePolicy"),
  "transitgateway.amazonaws.com": linked(
    "VPCTransitGateway",
    "AWSVPCTransitGatewayServiceRolePolicy",
  ),
};

export const linkedServiceTrust = (service: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });
