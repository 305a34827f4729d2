# ---------------------------------------------------------------------------------------------
# API: function
# ---------------------------------------------------------------------------------------------

resource "aws_lambda_function" "api" {
  function_name = local.names.api
  description   = "Validates a log, normalises it and sends it to the queue"
  role          = aws_iam_role.api.arn
  runtime       = var.lambda_runtime
  architectures = [var.lambda_architecture]
  handler       = "api.handler.handler"
  memory_size   = var.api_memory_mb
  timeout       = var.api_timeout_seconds
  layers        = local.chaos_layers

  # If SQS slows down, each request occupies an environment for seconds. Without a separate limit, the
  # API would then take all of the account's concurrency, the worker's too.
  reserved_concurrent_executions = var.api_reserved_concurrency

  filename         = var.hot_reload_dir == null ? local.api_package : null
  source_code_hash = var.hot_reload_dir == null && fileexists(local.api_package) ? filebase64sha256(local.api_package) : null
  s3_bucket        = local.hot_reload_bucket
  s3_key           = var.hot_reload_dir == null ? null : "${var.hot_reload_dir}/api"

  environment {
    variables = merge({
      QUEUE_URL                    = aws_sqs_queue.queue.url
      LONG_QUEUE_URL               = aws_sqs_queue.long_queue.url
      MAX_BACKLOG                  = tostring(local.max_backlog)
      MAX_LONG_BACKLOG             = tostring(local.max_long_backlog)
      MAX_SHORT_CHARS              = tostring(local.max_short_chars)
      MAX_TEXT_CHARS               = tostring(local.max_text_chars)
      MAX_MESSAGE_BYTES            = tostring(local.max_message_bytes)
      PROJECT                      = var.project
      REDACTION_REGIONS            = join(",", var.redaction_regions)
      POWERTOOLS_SERVICE_NAME      = "api"
      POWERTOOLS_METRICS_NAMESPACE = local.metrics_namespace
      POWERTOOLS_LOG_LEVEL         = var.log_level
    }, local.chaos_environment)
  }

  lifecycle {
    precondition {
      condition     = fileexists(local.api_package)
      error_message = "${trimprefix(local.api_package, "../")} is missing: run `make package`."
    }

    precondition {
      condition     = local.needed_concurrency <= local.concurrency_quota
      error_message = local.concurrency_error
    }
  }

  # Otherwise Lambda would create the log group, without a retention.
  depends_on = [aws_cloudwatch_log_group.api, aws_iam_role_policy.api]
}

# ---------------------------------------------------------------------------------------------
# API: log group
# ---------------------------------------------------------------------------------------------

resource "aws_cloudwatch_log_group" "api" {
  name              = "/aws/lambda/${local.names.api}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

# ---------------------------------------------------------------------------------------------
# API: role
# ---------------------------------------------------------------------------------------------

resource "aws_iam_role" "api" {
  name               = local.names.api
  description        = "The API function: sends to the queues, writes its log"
  assume_role_policy = local.lambda_assume_role_policy
}

resource "aws_iam_role_policy" "api" {
  name = local.names.api
  role = aws_iam_role.api.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "SendToQueues"
        Effect   = "Allow"
        Action   = ["sqs:SendMessage", "sqs:GetQueueAttributes"]
        Resource = [aws_sqs_queue.queue.arn, aws_sqs_queue.long_queue.arn]
      },
      {
        Sid      = "WriteLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.api.arn}:*"
      },
    ], local.kms_statements.api)
  })
}
