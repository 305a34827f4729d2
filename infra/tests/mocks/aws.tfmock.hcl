# What AWS would answer. Anything not named here is a random string.

mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
}

mock_data "aws_region" {
  defaults = { id = "us-east-1" }
}

mock_data "aws_servicequotas_service_quota" {
  defaults = { value = 1000 }
}

override_resource {
  target = aws_sqs_queue.queue
  values = {
    arn = "arn:aws:sqs:us-east-1:123456789012:robust-data-processor-queue"
    url = "https://sqs.us-east-1.amazonaws.com/123456789012/robust-data-processor-queue"
  }
}

override_resource {
  target = aws_sqs_queue.long_queue
  values = {
    arn = "arn:aws:sqs:us-east-1:123456789012:robust-data-processor-long-queue"
    url = "https://sqs.us-east-1.amazonaws.com/123456789012/robust-data-processor-long-queue"
  }
}

override_resource {
  target = aws_sqs_queue.dlq
  values = {
    arn = "arn:aws:sqs:us-east-1:123456789012:robust-data-processor-dlq"
    url = "https://sqs.us-east-1.amazonaws.com/123456789012/robust-data-processor-dlq"
  }
}

override_resource {
  target = aws_dynamodb_table.processed_logs
  values = { arn = "arn:aws:dynamodb:us-east-1:123456789012:table/robust-data-processor-processed-logs" }
}

override_resource {
  target = aws_cloudwatch_log_group.api
  values = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/robust-data-processor-api" }
}

override_resource {
  target = aws_cloudwatch_log_group.worker
  values = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/robust-data-processor-worker" }
}

override_resource {
  target = aws_cloudwatch_log_group.http_api
  values = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/apigateway/robust-data-processor-api" }
}

override_resource {
  target = aws_iam_role.api
  values = {
    id  = "robust-data-processor-api"
    arn = "arn:aws:iam::123456789012:role/robust-data-processor-api"
  }
}

override_resource {
  target = aws_iam_role.worker
  values = {
    id  = "robust-data-processor-worker"
    arn = "arn:aws:iam::123456789012:role/robust-data-processor-worker"
  }
}

override_resource {
  target = aws_lambda_function.api
  values = {
    arn        = "arn:aws:lambda:us-east-1:123456789012:function:robust-data-processor-api"
    invoke_arn = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:robust-data-processor-api/invocations"
  }
}

override_resource {
  target = aws_lambda_function.worker
  values = { arn = "arn:aws:lambda:us-east-1:123456789012:function:robust-data-processor-worker" }
}

override_resource {
  target = aws_apigatewayv2_api.http
  values = {
    id            = "a1b2c3d4e5"
    api_endpoint  = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
    execution_arn = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5"
  }
}
