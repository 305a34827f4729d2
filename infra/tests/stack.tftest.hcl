# ---------------------------------------------------------------------------------------------
# The stack with its defaults
# ---------------------------------------------------------------------------------------------

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_dir = "./tests/packages"
}

run "names_and_outputs" {
  assert {
    condition = {
      api        = aws_lambda_function.api.function_name
      worker     = aws_lambda_function.worker.function_name
      queue      = aws_sqs_queue.queue.name
      long_queue = aws_sqs_queue.long_queue.name
      dlq        = aws_sqs_queue.dlq.name
      table      = aws_dynamodb_table.processed_logs.name
      } == {
      api        = "robust-data-processor-api"
      worker     = "robust-data-processor-worker"
      queue      = "robust-data-processor-queue"
      long_queue = "robust-data-processor-long-queue"
      dlq        = "robust-data-processor-dlq"
      table      = "robust-data-processor-processed-logs"
    }
    error_message = "Scripts, documents and dashboards rely on these names."
  }

  assert {
    condition = toset([
      aws_cloudwatch_log_group.api.name,
      aws_cloudwatch_log_group.worker.name,
      aws_cloudwatch_log_group.http_api.name,
      ]) == toset([
      "/aws/lambda/robust-data-processor-api",
      "/aws/lambda/robust-data-processor-worker",
      "/aws/vendedlogs/apigateway/robust-data-processor-api",
    ])
    error_message = "Lambda writes to /aws/lambda/<function>. Only below /aws/vendedlogs/ does the access log's group not fill CloudWatch Logs' resource policy."
  }

  assert {
    condition     = output.api_invoke_url == "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
    error_message = "api_invoke_url must be the API's endpoint without a trailing slash."
  }

  assert {
    condition = (
      output.sqs_queue_url == aws_sqs_queue.queue.url
      && output.sqs_long_queue_url == aws_sqs_queue.long_queue.url
      && output.sqs_dlq_url == aws_sqs_queue.dlq.url
      && output.table_name == aws_dynamodb_table.processed_logs.name
      && output.api_function_name == aws_lambda_function.api.function_name
      && output.worker_function_name == aws_lambda_function.worker.function_name
      && output.region == "us-east-1"
    )
    error_message = "An output names the wrong resource."
  }
}

run "queues_and_table" {
  command = plan

  assert {
    condition     = alltrue([for queue in [aws_sqs_queue.queue, aws_sqs_queue.long_queue] : queue.visibility_timeout_seconds == 900])
    error_message = "The visibility timeout must be 15 minutes."
  }

  assert {
    condition = alltrue([
      for queue in [aws_sqs_queue.queue, aws_sqs_queue.long_queue] : jsondecode(queue.redrive_policy) == {
        deadLetterTargetArn = aws_sqs_queue.dlq.arn
        maxReceiveCount     = 5
      }
    ])
    error_message = "Each queue must send a message to the DLQ after 5 attempts."
  }

  assert {
    condition = jsondecode(aws_sqs_queue.dlq.redrive_allow_policy) == {
      redrivePermission = "byQueue"
      sourceQueueArns   = [aws_sqs_queue.queue.arn, aws_sqs_queue.long_queue.arn]
    }
    error_message = "The DLQ must accept messages only from the queues, under their real ARNs."
  }

  assert {
    condition     = aws_sqs_queue.dlq.message_retention_seconds == 1209600
    error_message = "The DLQ must keep messages for 14 days, the longest possible time."
  }

  assert {
    condition     = alltrue([for queue in [aws_sqs_queue.queue, aws_sqs_queue.long_queue] : queue.message_retention_seconds == 1123200])
    error_message = "The queues must keep messages for as long as leaves the DLQ one day."
  }

  assert {
    condition     = alltrue([for queue in [aws_sqs_queue.queue, aws_sqs_queue.long_queue, aws_sqs_queue.dlq] : queue.sqs_managed_sse_enabled && queue.receive_wait_time_seconds == 20])
    error_message = "All queues must be encrypted and long-polled."
  }

  assert {
    condition = alltrue([
      for queue in [aws_sqs_queue.queue, aws_sqs_queue.long_queue, aws_sqs_queue.dlq] :
      jsondecode(queue.policy).Statement[0].Effect == "Deny"
      && jsondecode(queue.policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"
      && jsondecode(queue.policy).Statement[0].Resource == queue.arn
      && length(jsondecode(queue.policy).Statement) == 1
    ])
    error_message = "Each queue's policy must refuse plain HTTP to itself, and grant nothing."
  }

  assert {
    condition = (
      aws_dynamodb_table.processed_logs.hash_key == "tenant_id"
      && aws_dynamodb_table.processed_logs.range_key == "log_id"
      && toset(aws_dynamodb_table.processed_logs.attribute) == toset([
        { name = "tenant_id", type = "S" },
        { name = "log_id", type = "S" },
      ])
    )
    error_message = "The partition key must be tenant_id, the sort key log_id."
  }

  assert {
    condition = (
      aws_dynamodb_table.processed_logs.billing_mode == "PAY_PER_REQUEST"
      && aws_dynamodb_table.processed_logs.point_in_time_recovery[0].enabled
      && aws_dynamodb_table.processed_logs.deletion_protection_enabled
    )
    error_message = "The table must be on demand, recoverable and protected."
  }
}

run "http_api_and_functions" {
  command = plan

  assert {
    condition = aws_lambda_function.api.environment[0].variables == tomap({
      QUEUE_URL                    = aws_sqs_queue.queue.url
      LONG_QUEUE_URL               = aws_sqs_queue.long_queue.url
      MAX_BACKLOG                  = "20175573"
      MAX_LONG_BACKLOG             = "102684"
      MAX_SHORT_CHARS              = "400"
      MAX_TEXT_CHARS               = "16800"
      MAX_MESSAGE_BYTES            = "262144"
      PROJECT                      = "robust-data-processor"
      REDACTION_REGIONS            = ""
      POWERTOOLS_SERVICE_NAME      = "api"
      POWERTOOLS_METRICS_NAMESPACE = "RobustDataProcessor"
      POWERTOOLS_LOG_LEVEL         = "INFO"
    })
    error_message = "The API's environment differs from what its settings expect."
  }

  assert {
    condition     = toset(keys(aws_apigatewayv2_route.api)) == toset(["POST /ingest", "GET /health", "$default"])
    error_message = "The API must have POST /ingest, GET /health, and $default for 404 and 405."
  }

  assert {
    condition     = aws_apigatewayv2_integration.api.payload_format_version == "2.0" && aws_apigatewayv2_integration.api.integration_uri == aws_lambda_function.api.invoke_arn
    error_message = "The routes must invoke the API function with payload format 2.0."
  }

  assert {
    condition = (
      aws_apigatewayv2_stage.default.name == "$default"
      && aws_apigatewayv2_stage.default.auto_deploy
      && aws_apigatewayv2_stage.default.default_route_settings[0].throttling_rate_limit == 779
      && aws_apigatewayv2_stage.default.default_route_settings[0].throttling_burst_limit == 2000
    )
    error_message = "The $default stage must deploy automatically and throttle at 779 requests per second, which is what the workers drain, 2000 at once."
  }

  assert {
    condition = (
      aws_apigatewayv2_stage.default.access_log_settings[0].destination_arn == aws_cloudwatch_log_group.http_api.arn
      && alltrue([for value in values(jsondecode(aws_apigatewayv2_stage.default.access_log_settings[0].format)) : startswith(value, "$context.")])
    )
    error_message = "Access logs must be JSON of $context variables, in their own group."
  }

  # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
  assert {
    condition = length(setsubtract(values(jsondecode(aws_apigatewayv2_stage.default.access_log_settings[0].format)), [
      "$context.requestId", "$context.requestTime", "$context.identity.sourceIp", "$context.routeKey", "$context.protocol",
      "$context.status", "$context.responseLength", "$context.responseLatency", "$context.integrationStatus",
      "$context.error.responseType",
    ])) == 0
    error_message = "An access log's variable may hold what a client wrote, such as a phone number: nothing redacts this log. These may not."
  }

  assert {
    condition = (
      aws_lambda_permission.http_api.principal == "apigateway.amazonaws.com"
      && aws_lambda_permission.http_api.source_arn == "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/*"
    )
    error_message = "Only this HTTP API may invoke the API function."
  }

  assert {
    condition     = aws_lambda_function.worker.timeout == 870 && aws_lambda_function.worker.timeout < aws_sqs_queue.queue.visibility_timeout_seconds
    error_message = "The worker's timeout must be below the visibility timeout."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.worker.function_response_types == toset(["ReportBatchItemFailures"])
    error_message = "Without ReportBatchItemFailures one bad record fails its whole batch."
  }

  assert {
    condition = (
      aws_lambda_event_source_mapping.worker.event_source_arn == aws_sqs_queue.queue.arn
      && aws_lambda_event_source_mapping.worker.batch_size == 50
      && aws_lambda_event_source_mapping.worker.maximum_batching_window_in_seconds == 5
      && aws_lambda_event_source_mapping.worker.scaling_config[0].maximum_concurrency == 100
    )
    error_message = "The mapping must read batches of 50 within 5 seconds, with at most 100 concurrent invocations."
  }

  assert {
    condition = (
      aws_lambda_event_source_mapping.long_worker.event_source_arn == aws_sqs_queue.long_queue.arn
      && aws_lambda_event_source_mapping.long_worker.function_name == aws_lambda_function.worker.arn
      && aws_lambda_event_source_mapping.long_worker.function_response_types == toset(["ReportBatchItemFailures"])
      && aws_lambda_event_source_mapping.long_worker.scaling_config[0].maximum_concurrency == 20
    )
    error_message = "Long logs must have the same worker with a concurrency for themselves."
  }

  assert {
    condition     = aws_lambda_function.worker.reserved_concurrent_executions == null
    error_message = "Lambda's pollers do not know the worker's reserved concurrency, so it throttles batches: limit the mapping instead."
  }

  assert {
    condition = aws_lambda_function.worker.environment[0].variables == tomap({
      QUEUE_URL                    = aws_sqs_queue.queue.url
      LONG_QUEUE_URL               = aws_sqs_queue.long_queue.url
      TABLE_NAME                   = "robust-data-processor-processed-logs"
      PROCESSING_SECONDS_PER_CHAR  = "0.05"
      VISIBILITY_TIMEOUT_SECONDS   = "900"
      CLAIM_MARGIN_SECONDS         = "30"
      MAX_RECEIVE_COUNT            = "5"
      RETRY_BASE_SECONDS           = "1"
      RETRY_MAX_SECONDS            = "300"
      STORE_RETRY_BASE_SECONDS     = "5"
      STORE_RETRY_MAX_SECONDS      = "1080"
      STORE_ORIGINAL_TEXT          = "true"
      RECORD_RETENTION_DAYS        = "0"
      FAULT_INJECTION              = "false"
      PROJECT                      = "robust-data-processor"
      REDACTION_REGIONS            = ""
      POWERTOOLS_SERVICE_NAME      = "worker"
      POWERTOOLS_METRICS_NAMESPACE = "RobustDataProcessor"
      POWERTOOLS_LOG_LEVEL         = "INFO"
    })
    error_message = "The worker's environment differs from what its settings expect."
  }
}

run "roles" {
  command = plan

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.api.policy).Statement : join(" ", flatten([statement.Resource])) => toset(statement.Action)
      } == {
      "${aws_sqs_queue.queue.arn} ${aws_sqs_queue.long_queue.arn}" = toset(["sqs:SendMessage", "sqs:GetQueueAttributes"])
      "${aws_cloudwatch_log_group.api.arn}:*"                      = toset(["logs:CreateLogStream", "logs:PutLogEvents"])
    }
    error_message = "The API may send to the queues, count their messages and write its own log, nothing else."
  }

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.worker.policy).Statement : join(" ", flatten([statement.Resource])) => toset(statement.Action)
      } == {
      "${aws_sqs_queue.queue.arn} ${aws_sqs_queue.long_queue.arn}" = toset([
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:ChangeMessageVisibility",
        "sqs:GetQueueAttributes",
      ])
      (aws_dynamodb_table.processed_logs.arn)    = toset(["dynamodb:PutItem"])
      "${aws_cloudwatch_log_group.worker.arn}:*" = toset(["logs:CreateLogStream", "logs:PutLogEvents"])
    }
    error_message = "The worker may consume the queues, put records and write its own log, nothing else."
  }

  assert {
    condition = alltrue([
      for policy in [aws_iam_role_policy.api.policy, aws_iam_role_policy.worker.policy] :
      alltrue([
        for statement in jsondecode(policy).Statement :
        statement.Effect == "Allow"
        && alltrue([
          for resource in flatten([statement.Resource]) :
          startswith(resource, "arn:") && !strcontains(trimsuffix(resource, ":*"), "*")
        ])
        && alltrue([for action in statement.Action : !strcontains(action, "*")])
      ])
    ])
    error_message = "No role may use `*`, except for the streams of its own log group."
  }

  assert {
    condition = alltrue([
      for role in [aws_iam_role.api, aws_iam_role.worker] :
      jsondecode(role.assume_role_policy).Statement[*].Principal == [{ Service = "lambda.amazonaws.com" }]
    ])
    error_message = "Only Lambda may assume the roles."
  }

  assert {
    condition     = aws_lambda_function.api.role == aws_iam_role.api.arn && aws_lambda_function.worker.role == aws_iam_role.worker.arn
    error_message = "Each function must run with its own role."
  }
}

run "alarms_and_dashboard" {
  command = plan

  variables {
    alarm_actions = ["arn:aws:sns:us-east-1:123456789012:on-call"]
  }

  assert {
    condition = {
      for name, alarm in aws_cloudwatch_metric_alarm.this : name => "${alarm.namespace}/${alarm.metric_name} > ${alarm.threshold}"
      } == {
      dlq-not-empty    = "AWS/SQS/ApproximateNumberOfMessagesVisible > 0"
      queue-age        = "AWS/SQS/ApproximateAgeOfOldestMessage > 1800"
      long-queue-age   = "AWS/SQS/ApproximateAgeOfOldestMessage > 1800"
      api-5xx          = "AWS/ApiGateway/5xx > 0"
      api-throttled    = "AWS/Lambda/Throttles > 0"
      worker-throttled = "AWS/Lambda/Throttles > 0"
      worker-errors    = "AWS/Lambda/Errors > 0"
      worker-failed    = "RobustDataProcessor/Failed > 0"
      table-throttled  = "AWS/DynamoDB/WriteThrottleEvents > 0"
    }
    error_message = "An alarm is missing, or watches something else."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["dlq-not-empty"].dimensions == tomap({ QueueName = "robust-data-processor-dlq" })
    error_message = "dlq-not-empty must watch the DLQ."
  }

  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.this :
      alarm.treat_missing_data == "notBreaching"
      && alarm.comparison_operator == "GreaterThanThreshold"
      && alarm.alarm_actions == toset(["arn:aws:sns:us-east-1:123456789012:on-call"])
      && alarm.ok_actions == alarm.alarm_actions
    ])
    error_message = "Every alarm must notify when it fires and when it recovers, and stay quiet without data."
  }

  assert {
    condition = length(setsubtract(
      [
        "Count", "4xx", "5xx", "Latency", "Accepted", "Rejected", "Refused", "PublishFailed",
        "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible", "ApproximateAgeOfOldestMessage",
        "Invocations", "Errors", "Throttles", "ConcurrentExecutions", "Duration",
        "Stored", "Duplicate", "Retried", "Failed", "EndToEndSeconds",
        "ConsumedWriteCapacityUnits", "WriteThrottleEvents",
      ],
      flatten([
        for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets :
        [for metric in widget.properties.metrics : metric[1]]
      ]),
    )) == 0
    error_message = "The dashboard lacks a metric."
  }

  assert {
    condition = length(distinct([
      for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : "${widget.x},${widget.y}"
    ])) == length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets)
    error_message = "Two widgets overlap."
  }
}

# metrics.json is what the functions write: tests/lambdas/test_handlers.py compares it with their lines.
run "metrics_are_those_that_the_functions_write" {
  command = plan

  assert {
    condition = alltrue([
      for name, function in { api = aws_lambda_function.api, worker = aws_lambda_function.worker } : alltrue([
        for key, value in jsondecode(file("./tests/metrics.json"))[name].environment :
        function.environment[0].variables[key] == value
      ])
    ])
    error_message = "The functions do not get the variables that their metrics are made of."
  }

  # CloudWatch finds a metric only by all of its dimensions.
  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.this : anytrue([
        for written in values(jsondecode(file("./tests/metrics.json"))) :
        alarm.namespace == written.namespace && contains(written.names, alarm.metric_name) && alarm.dimensions == tomap(written.dimensions)
      ]) if !startswith(alarm.namespace, "AWS/")
    ])
    error_message = "An alarm watches a metric that no function writes: name and all dimensions must be equal."
  }

  assert {
    condition = alltrue(flatten([
      for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : [
        for metric in widget.properties.metrics : anytrue([
          for written in values(jsondecode(file("./tests/metrics.json"))) :
          metric[0] == written.namespace && contains(written.names, metric[1])
          && jsonencode([for part in slice(metric, 2, length(metric)) : part if can(tostring(part))]) == jsonencode(flatten([for key, value in written.dimensions : [key, value]]))
        ]) if !startswith(metric[0], "AWS/")
      ]
    ]))
    error_message = "A widget shows a metric that no function writes: name and all dimensions must be equal."
  }

  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.this : length(alarm.dimensions) == 1 if startswith(alarm.namespace, "AWS/")
    ])
    error_message = "An alarm on a metric of AWS must name one resource of this stack."
  }
}

run "missing_packages" {
  command = plan

  variables {
    package_dir = "./tests/no-packages"
  }

  expect_failures = [aws_lambda_function.api, aws_lambda_function.worker]
}
