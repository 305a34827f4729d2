# ---------------------------------------------------------------------------------------------
# HTTP API
# ---------------------------------------------------------------------------------------------

resource "aws_apigatewayv2_api" "http" {
  name          = local.names.api
  description   = "Accepts logs from many tenants"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "api" {
  api_id                 = aws_apigatewayv2_api.http.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.api.invoke_arn
  payload_format_version = "2.0"
}

# `$default` matches all other requests: the function answers them with 404 or 405.
resource "aws_apigatewayv2_route" "api" {
  for_each = toset(["POST /ingest", "GET /health", "$default"])

  api_id    = aws_apigatewayv2_api.http.id
  route_key = each.value
  target    = "integrations/${aws_apigatewayv2_integration.api.id}"
}

resource "aws_lambda_permission" "http_api" {
  statement_id  = "InvokeByHttpApi"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.api.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.http.execution_arn}/*"
}

# ---------------------------------------------------------------------------------------------
# HTTP API: stage
# ---------------------------------------------------------------------------------------------

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.http.id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    throttling_rate_limit  = local.api_throttle_rate
    throttling_burst_limit = var.api_throttle_burst
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.http_api.arn

    # Nothing that a client writes, because nothing redacts this log: no path, method or header, and not
    # integrationErrorMessage, which quotes the message of an exception that leaves the function. The API
    # function logs what it refused, redacted.
    format = jsonencode({
      requestId         = "$context.requestId"
      requestTime       = "$context.requestTime"
      sourceIp          = "$context.identity.sourceIp"
      routeKey          = "$context.routeKey"
      protocol          = "$context.protocol"
      status            = "$context.status"
      responseLength    = "$context.responseLength"
      responseLatency   = "$context.responseLatency"
      integrationStatus = "$context.integrationStatus"
      errorType         = "$context.error.responseType"
    })
  }
}

# API Gateway adds each group that it writes to, by name, to a resource policy of CloudWatch Logs. The
# policy holds 5,120 characters, after which no further stage can turn logging on. When it gets close to
# that, CloudWatch Logs allows all groups with this prefix instead.
# https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
resource "aws_cloudwatch_log_group" "http_api" {
  name              = "/aws/vendedlogs/apigateway/${local.names.api}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}
