# ---------------------------------------------------------------------------------------------
# Names
# ---------------------------------------------------------------------------------------------

locals {
  localstack_account_id = "000000000000"

  names = {
    api    = "${var.project}-api"
    worker = "${var.project}-worker"
    queue  = "${var.project}-queue"
    dlq    = "${var.project}-dlq"
    table  = "${var.project}-processed-logs"
  }

  tags = merge({ Project = var.project, ManagedBy = "terraform" }, var.tags)

  # The queue and the DLQ refer to each other. ARNs built from names avoid the cycle.
  sqs_arn_prefix = "arn:${data.aws_partition.current.partition}:sqs:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
  queue_arn      = "${local.sqs_arn_prefix}:${local.names.queue}"
  dlq_arn        = "${local.sqs_arn_prefix}:${local.names.dlq}"
}

# ---------------------------------------------------------------------------------------------
# Limits
# ---------------------------------------------------------------------------------------------

locals {
  # The most that provider 5.100 accepts. SQS itself has accepted 1 MiB since August 2025.
  max_message_bytes = 262144

  # Lambda's limit for a synchronous request: no longer text can arrive.
  max_payload_bytes = 6291456

  # The longest text that one worker invocation can process and still have the claim's margin left.
  max_text_chars = (
    var.processing_seconds_per_char == 0
    ? local.max_payload_bytes
    : min(
      local.max_payload_bytes,
      floor((var.worker_timeout_seconds - var.claim_margin_seconds) / var.processing_seconds_per_char),
    )
  )
}

# ---------------------------------------------------------------------------------------------
# Packages
# ---------------------------------------------------------------------------------------------

locals {
  api_package    = "${var.package_dir}/api.zip"
  worker_package = "${var.package_dir}/worker.zip"

  # With this bucket name LocalStack takes the key for a folder.
  hot_reload_bucket = var.hot_reload_dir == null ? null : "hot-reload"
}

# ---------------------------------------------------------------------------------------------
# What the functions share
# ---------------------------------------------------------------------------------------------

locals {
  metrics_namespace = "RobustDataProcessor"

  lambda_assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}
