# ---------------------------------------------------------------------------------------------
# Chaos: the resources that AWS Fault Injection Service (FIS) needs to inject faults
#
# chaos_experiments.tf has the experiments, docs/chaos_aws.md explains how to run them.
# https://docs.aws.amazon.com/fis/latest/userguide/use-lambda-actions.html
# ---------------------------------------------------------------------------------------------

locals {
  chaos_count = var.enable_chaos ? 1 : 0

  # FIS writes the active faults under this prefix; its extension in the functions reads them.
  chaos_prefix = "FisConfigs/"

  chaos_layers = var.enable_chaos ? [data.aws_ssm_parameter.fis_extension[0].insecure_value] : null

  chaos_environment = var.enable_chaos ? {
    AWS_LAMBDA_EXEC_WRAPPER        = "/opt/aws-fis/bootstrap"
    AWS_FIS_CONFIGURATION_LOCATION = "${aws_s3_bucket.chaos[0].arn}/${local.chaos_prefix}"
    # AWS's recommendation for preventExecution: how long an invocation waits for the active faults.
    AWS_FIS_POLL_MAX_WAIT_MILLISECONDS = "2000"
  } : {}
}

# The layer's ARN, which differs by region. It is public, although the attribute is insecure_value.
data "aws_ssm_parameter" "fis_extension" {
  count = local.chaos_count

  name = "/aws/service/fis/lambda-extension/AWS-FIS-extension-${var.lambda_architecture}/1.x.x"
}

# ---------------------------------------------------------------------------------------------
# Chaos: bucket of the active faults
# ---------------------------------------------------------------------------------------------

resource "aws_s3_bucket" "chaos" {
  count = local.chaos_count

  bucket        = "${var.project}-fis-${data.aws_caller_identity.current.account_id}"
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "chaos" {
  count = local.chaos_count

  bucket                  = aws_s3_bucket.chaos[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "chaos" {
  count = local.chaos_count

  bucket = aws_s3_bucket.chaos[0].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

# FIS deletes its files when an experiment ends. This rule deletes those that it left behind.
resource "aws_s3_bucket_lifecycle_configuration" "chaos" {
  count = local.chaos_count

  bucket = aws_s3_bucket.chaos[0].id

  rule {
    id     = "forget"
    status = "Enabled"

    filter {
      prefix = local.chaos_prefix
    }

    expiration {
      days = 1
    }
  }
}

# ---------------------------------------------------------------------------------------------
# Chaos: additional permissions of the functions
# ---------------------------------------------------------------------------------------------

resource "aws_iam_role_policy" "chaos" {
  for_each = var.enable_chaos ? { api = aws_iam_role.api.id, worker = aws_iam_role.worker.id } : {}

  name = "${local.names[each.key]}-chaos"
  role = each.value

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "ListFaults"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = aws_s3_bucket.chaos[0].arn
        Condition = { StringLike = { "s3:prefix" = "${local.chaos_prefix}*" } }
      },
      {
        Sid      = "ReadFaults"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = "${aws_s3_bucket.chaos[0].arn}/${local.chaos_prefix}*"
      },
    ]
  })
}

# ---------------------------------------------------------------------------------------------
# Chaos: role of FIS
# ---------------------------------------------------------------------------------------------

resource "aws_iam_role" "fis" {
  count = local.chaos_count

  name        = "${var.project}-fis"
  description = "FIS: injects faults into the two functions, runs the automations of the outages"

  assume_role_policy = local.chaos_assume_role_policy.fis
}

resource "aws_iam_role_policy" "fis" {
  count = local.chaos_count

  name = "${var.project}-fis"
  role = aws_iam_role.fis[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "WriteFaults"
        Effect   = "Allow"
        Action   = ["s3:PutObject", "s3:DeleteObject"]
        Resource = ["${aws_s3_bucket.chaos[0].arn}/${local.chaos_prefix}*"]
      },
      {
        Sid      = "InspectFunctions"
        Effect   = "Allow"
        Action   = ["lambda:GetFunction"]
        Resource = [aws_lambda_function.api.arn, aws_lambda_function.worker.arn]
      },
      {
        # This action does not support resources.
        Sid      = "FindTargets"
        Effect   = "Allow"
        Action   = ["tag:GetResources"]
        Resource = ["*"]
      },
      {
        Sid    = "StartOutages"
        Effect = "Allow"
        Action = ["ssm:StartAutomationExecution"]
        Resource = flatten([
          for outage in aws_ssm_document.outage : [
            "${local.chaos_arn_prefix.ssm}:document/${outage.name}",
            "${local.chaos_arn_prefix.ssm}:automation-definition/${outage.name}:*",
          ]
        ])
      },
      {
        # Execution ids are random, so this also allows other executions in this account.
        Sid      = "WatchAndStopOutages"
        Effect   = "Allow"
        Action   = ["ssm:GetAutomationExecution", "ssm:StopAutomationExecution"]
        Resource = ["${local.chaos_arn_prefix.ssm}:automation-execution/*"]
      },
      {
        Sid       = "PassOutageRole"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = [aws_iam_role.outage[0].arn]
        Condition = { StringEquals = { "iam:PassedToService" = "ssm.amazonaws.com" } }
      },
    ]
  })
}

locals {
  chaos_arn_prefix = {
    for service in ["fis", "ssm"] : service =>
    "arn:${data.aws_partition.current.partition}:${service}:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}"
  }

  # Only for experiments and automations of this account.
  chaos_assume_role_policy = {
    for service, runs in { fis = "experiment", ssm = "automation-execution" } : service => jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { Service = "${service}.amazonaws.com" }
        Condition = {
          StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id }
          ArnLike      = { "aws:SourceArn" = "${local.chaos_arn_prefix[service]}:${runs}/*" }
        }
      }]
    })
  }
}
