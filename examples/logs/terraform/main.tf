# Log groups, a stream and filters of CloudWatch Logs.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {}

variable "retention_in_days" {
  type    = number
  default = 7
}

resource "aws_cloudwatch_log_group" "app" {
  name              = "/example/app"
  retention_in_days = var.retention_in_days

  tags = {
    Example = "logs"
  }
}

resource "aws_cloudwatch_log_group" "audit" {
  name_prefix = "/example/audit-"
}

resource "aws_cloudwatch_log_stream" "web" {
  name           = "web/1"
  log_group_name = aws_cloudwatch_log_group.app.name
}

resource "aws_cloudwatch_log_metric_filter" "errors" {
  name           = "errors"
  log_group_name = aws_cloudwatch_log_group.app.name
  pattern        = "{ $.level = \"error\" && $.ms > 100 }"

  metric_transformation {
    name          = "SlowErrors"
    namespace     = "Example"
    value         = "$.ms"
    unit          = "Milliseconds"
    default_value = "0"
  }
}

resource "aws_cloudwatch_log_metric_filter" "requests" {
  name           = "requests"
  log_group_name = aws_cloudwatch_log_group.app.name
  pattern        = "[ip, user, request = \"*GET*\", status = 5*, ...]"

  metric_transformation {
    name      = "ServerErrors"
    namespace = "Example"
    value     = "1"
    dimensions = {
      Status = "$status"
    }
  }
}

resource "aws_cloudwatch_log_subscription_filter" "all" {
  name            = "all"
  log_group_name  = aws_cloudwatch_log_group.app.name
  filter_pattern  = ""
  destination_arn = "arn:aws:lambda:ap-northeast-1:000000000000:function:shipper"
}

resource "aws_cloudwatch_log_resource_policy" "dns" {
  policy_name = "dns-queries"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "route53.amazonaws.com" }
      Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource  = "arn:aws:logs:*:*:log-group:/example/*"
    }]
  })
}

resource "aws_cloudwatch_query_definition" "errors" {
  name            = "example/errors"
  log_group_names = [aws_cloudwatch_log_group.app.name]
  query_string    = <<-QUERY
    fields @timestamp, @message
    | filter level = "error"
    | sort @timestamp desc
    | limit ${var.retention_in_days}
  QUERY
}

data "aws_cloudwatch_log_group" "app" {
  name = aws_cloudwatch_log_group.app.name
}

data "aws_cloudwatch_log_groups" "example" {
  log_group_name_prefix = "/example/"
  depends_on            = [aws_cloudwatch_log_group.app, aws_cloudwatch_log_group.audit]
}

output "app_arn" {
  value = data.aws_cloudwatch_log_group.app.arn
}

output "retention_in_days" {
  value = data.aws_cloudwatch_log_group.app.retention_in_days
}

output "group_count" {
  value = length(data.aws_cloudwatch_log_groups.example.arns)
}
