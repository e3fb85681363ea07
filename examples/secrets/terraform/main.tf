# Keys, parameters and secrets as a task definition refers to them.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {}

variable "name" {
  type    = string
  default = "demo"
}

variable "revision" {
  description = "Another one changes what can be changed in place"
  type        = number
  default     = 1
}

resource "aws_kms_key" "app" {
  description             = "Key of ${var.name}, revision ${var.revision}"
  deletion_window_in_days = 7
  enable_key_rotation     = true
  rotation_period_in_days = 180 + var.revision
  tags                    = { app = var.name, revision = var.revision }
}

resource "aws_kms_alias" "app" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.app.key_id
}

resource "aws_kms_key" "signing" {
  description              = "Signing key of ${var.name}"
  key_usage                = "SIGN_VERIFY"
  customer_master_key_spec = "ECC_NIST_P256"
  deletion_window_in_days  = 7
}

data "aws_caller_identity" "current" {}

resource "aws_iam_role" "execution" {
  name = "${var.name}-execution"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })
}

resource "aws_kms_key_policy" "app" {
  key_id = aws_kms_key.app.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Account"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

resource "aws_kms_grant" "execution" {
  name              = "${var.name}-execution"
  key_id            = aws_kms_key.app.key_id
  grantee_principal = aws_iam_role.execution.arn
  operations        = ["Decrypt", "GenerateDataKey"]
  constraints {
    encryption_context_subset = { app = var.name }
  }
}

resource "aws_kms_ciphertext" "token" {
  key_id    = aws_kms_key.app.key_id
  plaintext = "token-of-${var.name}"
  context   = { app = var.name }
}

resource "aws_ssm_parameter" "url" {
  name        = "/${var.name}/url"
  description = "Where it is, revision ${var.revision}"
  type        = "String"
  value       = "http://${var.name}.example/${var.revision}"
  tags        = { app = var.name, revision = var.revision }
}

resource "aws_ssm_parameter" "hosts" {
  name            = "/${var.name}/hosts"
  type            = "StringList"
  value           = "a,b"
  allowed_pattern = "^[a-z,]+$"
}

resource "aws_ssm_parameter" "password" {
  name   = "/${var.name}/password"
  type   = "SecureString"
  value  = "hunter2"
  key_id = aws_kms_alias.app.name
  tier   = "Advanced"
}

resource "aws_ssm_parameter" "default_key" {
  name  = "/${var.name}/default-key"
  type  = "SecureString"
  value = "hunter3"
}

resource "aws_secretsmanager_secret" "db" {
  name                    = "${var.name}/db"
  description             = "Database of ${var.name}, revision ${var.revision}"
  kms_key_id              = aws_kms_key.app.arn
  recovery_window_in_days = 0
  tags                    = { app = var.name, revision = var.revision }
}

resource "aws_secretsmanager_secret_version" "db" {
  secret_id     = aws_secretsmanager_secret.db.id
  secret_string = jsonencode({ user = "app", password = "hunter4" })
}

resource "aws_secretsmanager_secret_rotation" "db" {
  secret_id           = aws_secretsmanager_secret.db.id
  rotation_lambda_arn = "arn:aws:lambda:ap-northeast-1:000000000000:function:rotate"
  rotate_immediately  = false

  rotation_rules {
    automatically_after_days = 30 + var.revision
  }
  depends_on = [aws_secretsmanager_secret_version.db]
}

resource "aws_secretsmanager_secret_policy" "db" {
  secret_arn = aws_secretsmanager_secret.db.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Execution"
      Effect    = "Allow"
      Principal = { AWS = aws_iam_role.execution.arn }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
    }]
  })
}

data "aws_kms_key" "app" {
  key_id     = aws_kms_alias.app.name
  depends_on = [aws_kms_alias.app]
}

# Read in the plan already, before anything has used the key.
data "aws_kms_alias" "ssm" {
  name = "alias/aws/ssm"
}

data "aws_kms_public_key" "signing" {
  key_id = aws_kms_key.signing.arn
}

data "aws_kms_secrets" "token" {
  secret {
    name    = "token"
    payload = aws_kms_ciphertext.token.ciphertext_blob
    context = { app = var.name }
  }
}

data "aws_ssm_parameter" "password" {
  name = aws_ssm_parameter.password.name
}

data "aws_ssm_parameter" "image" {
  name = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
}

data "aws_ssm_parameters_by_path" "all" {
  path       = "/${var.name}"
  depends_on = [aws_ssm_parameter.url, aws_ssm_parameter.hosts, aws_ssm_parameter.password]
}

data "aws_secretsmanager_secret" "db" {
  name       = aws_secretsmanager_secret.db.name
  depends_on = [aws_secretsmanager_secret_policy.db]
}

data "aws_secretsmanager_secret_version" "db" {
  secret_id  = aws_secretsmanager_secret.db.id
  depends_on = [aws_secretsmanager_secret_version.db]
}

data "aws_secretsmanager_random_password" "generated" {
  password_length     = 20
  exclude_punctuation = true
}

output "password" {
  value     = data.aws_ssm_parameter.password.value
  sensitive = true
}

output "token" {
  value     = data.aws_kms_secrets.token.plaintext["token"]
  sensitive = true
}

output "db" {
  value     = data.aws_secretsmanager_secret_version.db.secret_string
  sensitive = true
}

output "image" {
  value     = data.aws_ssm_parameter.image.value
  sensitive = true
}

output "names" {
  value = join(" ", sort(data.aws_ssm_parameters_by_path.all.names))
}

output "key_state" {
  value = data.aws_kms_key.app.key_state
}
