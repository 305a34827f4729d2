# ---------------------------------------------------------------------------------------------
# Worker: function
# ---------------------------------------------------------------------------------------------

resource "aws_lambda_function" "worker" {
  function_name = local.names.worker
  description   = "Redacts phone numbers and stores the record"
  role          = aws_iam_role.worker.arn
  runtime       = var.lambda_runtime
  architectures = [var.lambda_architecture]
  handler       = "worker.handler.handler"
  memory_size   = var.worker_memory_mb
  timeout       = var.worker_timeout_seconds
  layers        = local.chaos_layers

  filename         = var.hot_reload_dir == null ? local.worker_package : null
  source_code_hash = var.hot_reload_dir == null && fileexists(local.worker_package) ? filebase64sha256(local.worker_package) : null
  s3_bucket        = local.hot_reload_bucket
  s3_key           = var.hot_reload_dir == null ? null : "${var.hot_reload_dir}/worker"

  environment {
    variables = merge({
      QUEUE_URL                    = aws_sqs_queue.queue.url
      LONG_QUEUE_URL               = aws_sqs_queue.long_queue.url
      TABLE_NAME                   = aws_dynamodb_table.processed_logs.name
      PROCESSING_SECONDS_PER_CHAR  = tostring(var.processing_seconds_per_char)
      VISIBILITY_TIMEOUT_SECONDS   = tostring(var.visibility_timeout_seconds)
      CLAIM_MARGIN_SECONDS         = tostring(var.claim_margin_seconds)
      MAX_RECEIVE_COUNT            = tostring(var.max_receive_count)
      RETRY_BASE_SECONDS           = tostring(var.retry_base_seconds)
      RETRY_MAX_SECONDS            = tostring(var.retry_max_seconds)
      STORE_RETRY_BASE_SECONDS     = tostring(var.store_retry_base_seconds)
      STORE_RETRY_MAX_SECONDS      = tostring(var.store_retry_max_seconds)
      STORE_ORIGINAL_TEXT          = tostring(var.store_original_text)
      RECORD_RETENTION_DAYS        = tostring(var.record_retention_days)
      FAULT_INJECTION              = tostring(var.fault_injection)
      PROJECT                      = var.project
      REDACTION_REGIONS            = join(",", var.redaction_regions)
      POWERTOOLS_SERVICE_NAME      = "worker"
      POWERTOOLS_METRICS_NAMESPACE = local.metrics_namespace
      POWERTOOLS_LOG_LEVEL         = var.log_level
    }, local.chaos_environment)
  }

  lifecycle {
    precondition {
      condition     = fileexists(local.worker_package)
      error_message = "${trimprefix(local.worker_package, "../")} is missing: run `make package`."
    }
  }

  # Otherwise Lambda would create the log group, without a retention.
  depends_on = [aws_cloudwatch_log_group.worker, aws_iam_role_policy.worker]
}

# ---------------------------------------------------------------------------------------------
# Worker: log group
# ---------------------------------------------------------------------------------------------

resource "aws_cloudwatch_log_group" "worker" {
  name              = "/aws/lambda/${local.names.worker}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

# ---------------------------------------------------------------------------------------------
# Worker: role
# ---------------------------------------------------------------------------------------------

resource "aws_iam_role" "worker" {
  name               = local.names.worker
  description        = "The worker function: consumes the queues, puts records, writes its log"
  assume_role_policy = local.lambda_assume_role_policy
}

resource "aws_iam_role_policy" "worker" {
  name = local.names.worker
  role = aws_iam_role.worker.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid    = "ConsumeQueues"
        Effect = "Allow"
        Action = [
          "sqs:ReceiveMessage",
          "sqs:DeleteMessage",
          "sqs:ChangeMessageVisibility",
          "sqs:GetQueueAttributes",
        ]
        Resource = [aws_sqs_queue.queue.arn, aws_sqs_queue.long_queue.arn]
      },
      {
        Sid      = "PutRecords"
        Effect   = "Allow"
        Action   = ["dynamodb:PutItem"]
        Resource = aws_dynamodb_table.processed_logs.arn
      },
      {
        Sid      = "WriteLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.worker.arn}:*"
      },
    ], local.kms_statements.worker)
  })
}

# ---------------------------------------------------------------------------------------------
# Worker: event source mappings
# ---------------------------------------------------------------------------------------------

# Concurrency is limited here. Lambda's pollers do not know a function's reserved concurrency: they would
# receive more than it can take. A throttled batch is not lost, and Lambda keeps trying it until its
# visibility timeout ends; only then is an attempt used up, without the worker having seen the message.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-backoff-strategy
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html#events-sqs-max-concurrency
resource "aws_lambda_event_source_mapping" "worker" {
  event_source_arn                   = aws_sqs_queue.queue.arn
  function_name                      = aws_lambda_function.worker.arn
  batch_size                         = var.worker_batch_size
  maximum_batching_window_in_seconds = var.worker_batching_window_seconds
  function_response_types            = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = var.worker_max_concurrency
  }
}

resource "aws_lambda_event_source_mapping" "long_worker" {
  event_source_arn                   = aws_sqs_queue.long_queue.arn
  function_name                      = aws_lambda_function.worker.arn
  batch_size                         = var.worker_batch_size
  maximum_batching_window_in_seconds = var.worker_batching_window_seconds
  function_response_types            = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = var.long_worker_max_concurrency
  }
}
