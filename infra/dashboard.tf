# ---------------------------------------------------------------------------------------------
# Dashboard
# ---------------------------------------------------------------------------------------------

locals {
  # Each list is a row of widgets, from left to right. A metric is [namespace, name, dimension, value, ..., options];
  # it has all of its dimensions, or CloudWatch finds another metric.
  dashboard_rows = [
    [
      {
        title   = "API: requests"
        stat    = "Sum"
        metrics = [for name in ["Count", "4xx", "5xx"] : ["AWS/ApiGateway", name, "ApiId", aws_apigatewayv2_api.http.id]]
      },
      {
        title = "API: latency (ms)"
        stat  = "p50"
        metrics = [for stat in ["p50", "p99"] : [
          "AWS/ApiGateway", "Latency", "ApiId", aws_apigatewayv2_api.http.id, { stat = stat, label = stat }
        ]]
      },
      {
        title   = "API: logs"
        stat    = "Sum"
        metrics = [for name in ["Accepted", "Rejected", "Refused", "PublishFailed"] : [local.metrics_namespace, name, "project", var.project, "service", "api"]]
      },
    ],
    [
      {
        title = "Queues: messages"
        stat  = "Maximum"
        metrics = concat([for queue in [local.names.queue, local.names.long_queue] : [
          ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue],
          ["AWS/SQS", "ApproximateNumberOfMessagesNotVisible", "QueueName", queue],
        ]]...)
      },
      {
        title   = "Queues: age of the oldest message (s)"
        stat    = "Maximum"
        metrics = [for queue in [local.names.queue, local.names.long_queue] : ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", queue]]
      },
      {
        title   = "DLQ: messages"
        stat    = "Maximum"
        metrics = [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", local.names.dlq]]
      },
    ],
    [
      {
        title   = "Worker: invocations"
        stat    = "Sum"
        metrics = [for name in ["Invocations", "Errors", "Throttles"] : ["AWS/Lambda", name, "FunctionName", local.names.worker]]
      },
      {
        title   = "Worker: concurrency"
        stat    = "Maximum"
        metrics = [["AWS/Lambda", "ConcurrentExecutions", "FunctionName", local.names.worker]]
      },
      {
        title = "Worker: duration (ms)"
        stat  = "p50"
        metrics = [for stat in ["p50", "p99"] : [
          "AWS/Lambda", "Duration", "FunctionName", local.names.worker, { stat = stat, label = stat }
        ]]
      },
    ],
    [
      {
        title   = "Worker: records"
        stat    = "Sum"
        metrics = [for name in ["Stored", "Duplicate", "Retried", "Failed"] : [local.metrics_namespace, name, "project", var.project, "service", "worker"]]
      },
      {
        title = "Accepted to stored (s)"
        stat  = "p50"
        metrics = [for stat in ["p50", "p99"] : [
          local.metrics_namespace, "EndToEndSeconds", "project", var.project, "service", "worker", { stat = stat, label = stat }
        ]]
      },
      {
        title   = "Table: writes"
        stat    = "Sum"
        metrics = [for name in ["ConsumedWriteCapacityUnits", "WriteThrottleEvents"] : ["AWS/DynamoDB", name, "TableName", local.names.table]]
      },
    ],
  ]

  dashboard_widgets = flatten([
    for y, row in local.dashboard_rows : [
      for x, widget in row : {
        type   = "metric"
        x      = x * 8
        y      = y * 6
        width  = 8
        height = 6
        properties = merge(widget, {
          region = data.aws_region.current.id
          period = 60
          view   = "timeSeries"
        })
      }
    ]
  ])
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.project
  dashboard_body = jsonencode({ widgets = local.dashboard_widgets })
}
