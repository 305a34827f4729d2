# ---------------------------------------------------------------------------------------------
# Alarms
# ---------------------------------------------------------------------------------------------

locals {
  # Each fires when `statistic` of the metric is above `threshold` in `datapoints` of the last
  # `periods` periods of `period` seconds.
  alarms = {
    dlq-not-empty = {
      description = "There are messages in the DLQ: find out why they failed, then redrive or purge them."
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = aws_sqs_queue.dlq.name }
      statistic   = "Maximum"
      threshold   = 0
      period      = 60
      datapoints  = 1
      periods     = 1
    }
    # This age ignores messages that were received three times or more. Poison messages fire
    # worker-failed, worker-errors and dlq-not-empty instead.
    queue-age = {
      description = "The oldest message has waited too long: the workers cannot keep up, or do not run."
      namespace   = "AWS/SQS"
      metric      = "ApproximateAgeOfOldestMessage"
      dimensions  = { QueueName = aws_sqs_queue.queue.name }
      statistic   = "Maximum"
      threshold   = var.queue_age_alarm_seconds
      period      = 60
      datapoints  = 3
      periods     = 3
    }
    long-queue-age = {
      description = "The oldest long log has waited too long: its workers cannot keep up, or do not run."
      namespace   = "AWS/SQS"
      metric      = "ApproximateAgeOfOldestMessage"
      dimensions  = { QueueName = aws_sqs_queue.long_queue.name }
      statistic   = "Maximum"
      threshold   = var.queue_age_alarm_seconds
      period      = 60
      datapoints  = 3
      periods     = 3
    }
    api-5xx = {
      description = "The API keeps answering 5xx: logs are refused, and clients must send them again."
      namespace   = "AWS/ApiGateway"
      metric      = "5xx"
      dimensions  = { ApiId = aws_apigatewayv2_api.http.id }
      statistic   = "Sum"
      threshold   = 0
      period      = 60
      datapoints  = 3
      periods     = 5
    }
    api-throttled = {
      description = "Lambda throttles the API function: its reserved concurrency is used up, or the account's. Clients get 5xx."
      namespace   = "AWS/Lambda"
      metric      = "Throttles"
      dimensions  = { FunctionName = aws_lambda_function.api.function_name }
      statistic   = "Sum"
      threshold   = 0
      period      = 60
      datapoints  = 1
      periods     = 1
    }
    worker-throttled = {
      description = "Lambda throttles the worker: the account's concurrency is used up. Messages wait; each visibility timeout of waiting uses up an attempt."
      namespace   = "AWS/Lambda"
      metric      = "Throttles"
      dimensions  = { FunctionName = aws_lambda_function.worker.function_name }
      statistic   = "Sum"
      threshold   = 0
      period      = 60
      datapoints  = 3
      periods     = 5
    }
    worker-errors = {
      description = "Invocations of the worker fail as a whole: a crash, a timeout or an error at start."
      namespace   = "AWS/Lambda"
      metric      = "Errors"
      dimensions  = { FunctionName = aws_lambda_function.worker.function_name }
      statistic   = "Sum"
      threshold   = 0
      period      = 60
      datapoints  = 1
      periods     = 1
    }
    worker-failed = {
      description = "Logs failed their last attempt in the worker: SQS moves their messages to the DLQ."
      namespace   = local.metrics_namespace
      metric      = "Failed"
      dimensions  = merge(local.metrics_dimensions, { service = "worker" })
      statistic   = "Sum"
      threshold   = 0
      period      = 60
      datapoints  = 1
      periods     = 1
    }
    table-throttled = {
      description = "DynamoDB throttles writes: one tenant's partition is hot, or the table grows too fast."
      namespace   = "AWS/DynamoDB"
      metric      = "WriteThrottleEvents"
      dimensions  = { TableName = aws_dynamodb_table.processed_logs.name }
      statistic   = "Sum"
      threshold   = 0
      period      = 60
      datapoints  = 3
      periods     = 5
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.project}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = each.value.period
  datapoints_to_alarm = each.value.datapoints
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
}
