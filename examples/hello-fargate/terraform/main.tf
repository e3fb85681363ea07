# The smallest whole service on Fargate: two tasks in private subnets behind a public balancer.
# Nothing in here knows of Neargate; `AWS_ENDPOINT_URL` in the environment decides where it goes.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {}

data "aws_region" "current" {}

locals {
  name = "hello-${terraform.workspace}"
  zones = {
    a = { zone = "${data.aws_region.current.name}a", public = "10.0.0.0/24", private = "10.0.10.0/24" }
    c = { zone = "${data.aws_region.current.name}c", public = "10.0.1.0/24", private = "10.0.11.0/24" }
  }
  port = 80
}

variable "image_tag" {
  description = "Tag of the image in the stack's own repository."
  type        = string
  default     = "v1"
}
