# ---------------------------------------------------------------------------------------------
# API
# ---------------------------------------------------------------------------------------------

output "api_invoke_url" {
  description = "Base URL of the HTTP API, without a trailing slash: POST $api_invoke_url/ingest."
  value       = aws_apigatewayv2_api.http.api_endpoint
}

output "max_text_chars" {
  description = "Longest text that the API accepts, in characters: the most that one worker invocation can process."
  value       = local.max_text_chars
}

output "max_short_chars" {
  description = "Longest text that takes the short lane, in characters; longer ones take the queue for long logs."
  value       = local.max_short_chars
}

# ---------------------------------------------------------------------------------------------
# Resources
# ---------------------------------------------------------------------------------------------

output "sqs_queue_url" {
  description = "URL of the queue between the API and the worker, for logs that are not long."
  value       = aws_sqs_queue.queue.url
}

output "sqs_long_queue_url" {
  description = "URL of the queue for long logs."
  value       = aws_sqs_queue.long_queue.url
}

output "sqs_dlq_url" {
  description = "URL of the dead-letter queue."
  value       = aws_sqs_queue.dlq.url
}

output "table_name" {
  description = "Name of the table of processed logs."
  value       = aws_dynamodb_table.processed_logs.name
}

output "api_function_name" {
  description = "Name of the API function."
  value       = aws_lambda_function.api.function_name
}

output "worker_function_name" {
  description = "Name of the worker function."
  value       = aws_lambda_function.worker.function_name
}

output "region" {
  description = "Region of the stack."
  value       = data.aws_region.current.id
}

# ---------------------------------------------------------------------------------------------
# Chaos experiments
# ---------------------------------------------------------------------------------------------

output "experiment_template_ids" {
  description = "Ids of the FIS experiment templates, by experiment. Absent without `enable_chaos`."
  value = var.enable_chaos ? {
    for name, id in local.logical_ids : name => aws_cloudformation_stack.experiments[0].outputs[id]
  } : null
}
