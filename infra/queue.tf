# ---------------------------------------------------------------------------------------------
# Queues: one for each lane
# ---------------------------------------------------------------------------------------------

# The policies are inline: the provider waits about 25 s for each separate queue policy resource.
resource "aws_sqs_queue" "queue" {
  name                       = local.names.queue
  visibility_timeout_seconds = var.visibility_timeout_seconds
  message_retention_seconds  = var.queue_retention_seconds
  max_message_size           = local.max_message_bytes
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = local.queue_encryption.sqs_managed_sse_enabled
  kms_master_key_id          = local.queue_encryption.kms_master_key_id
  policy                     = local.tls_only_policy[local.queue_arn]
  redrive_policy             = local.redrive_policy
}

# An invocation lasts as long as the longest log of its batch. So logs that take long have their own
# queue: a few of them must not occupy all workers.
resource "aws_sqs_queue" "long_queue" {
  name                       = local.names.long_queue
  visibility_timeout_seconds = var.visibility_timeout_seconds
  message_retention_seconds  = var.queue_retention_seconds
  max_message_size           = local.max_message_bytes
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = local.queue_encryption.sqs_managed_sse_enabled
  kms_master_key_id          = local.queue_encryption.kms_master_key_id
  policy                     = local.tls_only_policy[local.long_queue_arn]
  redrive_policy             = local.redrive_policy
}

locals {
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dlq.arn
    maxReceiveCount     = var.max_receive_count
  })
}

# ---------------------------------------------------------------------------------------------
# Dead-letter queue
# ---------------------------------------------------------------------------------------------

# A message keeps the time at which it was first sent when SQS moves it here. The longest possible
# retention leaves the most time to look at it.
resource "aws_sqs_queue" "dlq" {
  name                      = local.names.dlq
  message_retention_seconds = 1209600
  max_message_size          = local.max_message_bytes
  receive_wait_time_seconds = 20
  sqs_managed_sse_enabled   = local.queue_encryption.sqs_managed_sse_enabled
  kms_master_key_id         = local.queue_encryption.kms_master_key_id
  policy                    = local.tls_only_policy[local.dlq_arn]

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.queue_arn, local.long_queue_arn]
  })

  # See table.tf for the reason.
  depends_on = [terraform_data.home]
}

# ---------------------------------------------------------------------------------------------
# Access
# ---------------------------------------------------------------------------------------------

locals {
  # Refuses plain HTTP and grants nothing: permissions come from the functions' roles.
  tls_only_policy = {
    for arn in [local.queue_arn, local.long_queue_arn, local.dlq_arn] : arn => jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid       = "RefusePlainHttp"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "sqs:*"
        Resource  = arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }]
    })
  }
}
