# ---------------------------------------------------------------------------------------------
# Encryption: keys of the services, or one KMS key for everything that holds logs
# ---------------------------------------------------------------------------------------------

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_dir = "./tests/packages"
}

# Applied, so that the following runs know every ARN.
run "without_a_key" {
  assert {
    condition = alltrue([
      for queue in [aws_sqs_queue.queue, aws_sqs_queue.long_queue, aws_sqs_queue.dlq] : queue.sqs_managed_sse_enabled && queue.kms_master_key_id == null
    ])
    error_message = "Without a key the queues must be encrypted with SQS's."
  }

  assert {
    condition     = !aws_dynamodb_table.processed_logs.server_side_encryption[0].enabled
    error_message = "Without a key DynamoDB must encrypt the table with its own, free of charge."
  }

  assert {
    condition = !anytrue([
      for policy in [aws_iam_role_policy.api.policy, aws_iam_role_policy.worker.policy] : strcontains(policy, "kms:")
    ])
    error_message = "Without a key the roles need no permission for one."
  }
}

run "with_a_key" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  }

  assert {
    condition = alltrue([
      for queue in [aws_sqs_queue.queue, aws_sqs_queue.long_queue, aws_sqs_queue.dlq] : queue.kms_master_key_id == var.kms_key_arn
    ])
    error_message = "The key must encrypt the queues, also the DLQ: it holds the same texts."
  }

  assert {
    condition = (
      aws_dynamodb_table.processed_logs.server_side_encryption[0].enabled
      && aws_dynamodb_table.processed_logs.server_side_encryption[0].kms_key_arn == var.kms_key_arn
    )
    error_message = "The key must encrypt the table."
  }

  assert {
    condition = alltrue([
      for group in [aws_cloudwatch_log_group.api, aws_cloudwatch_log_group.worker, aws_cloudwatch_log_group.http_api] :
      group.kms_key_id == var.kms_key_arn
    ])
    error_message = "The key must encrypt all log groups."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.api.policy).Statement : jsonencode(statement) if startswith(statement.Action[0], "kms:")
      ] == [
      jsonencode({
        Sid       = "EncryptMessages"
        Effect    = "Allow"
        Action    = ["kms:GenerateDataKey", "kms:Decrypt"]
        Resource  = var.kms_key_arn
        Condition = { StringEquals = { "kms:ViaService" = "sqs.us-east-1.amazonaws.com" } }
      }),
    ]
    error_message = "The API may use the key only through SQS, to send."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.worker.policy).Statement : jsonencode(statement) if startswith(statement.Action[0], "kms:")
      ] == [
      jsonencode({
        Sid       = "DecryptMessages"
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = var.kms_key_arn
        Condition = { StringEquals = { "kms:ViaService" = "sqs.us-east-1.amazonaws.com" } }
      }),
      jsonencode({
        Sid      = "UseTableKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = var.kms_key_arn
        Condition = {
          StringEquals = {
            "kms:ViaService"                                  = "dynamodb.us-east-1.amazonaws.com"
            "kms:EncryptionContext:aws:dynamodb:tableName"    = "robust-data-processor-processed-logs"
            "kms:EncryptionContext:aws:dynamodb:subscriberId" = "123456789012"
          }
        }
      }),
    ]
    error_message = "The worker may only decrypt, through SQS and through DynamoDB for this table."
  }
}

run "multi_region_key" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"
  }
}

run "refuses_an_alias" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:alias/logs"
  }

  expect_failures = [var.kms_key_arn]
}

run "refuses_a_key_id" {
  command = plan

  variables {
    kms_key_arn = "1234abcd-12ab-34cd-56ef-1234567890ab"
  }

  expect_failures = [var.kms_key_arn]
}

run "refuses_a_key_of_another_region" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  }

  expect_failures = [var.kms_key_arn]
}

run "refuses_two_keys_of_the_table" {
  command = plan

  variables {
    kms_key_arn          = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    table_kms_encryption = true
  }

  expect_failures = [var.kms_key_arn]
}

run "dynamodbs_key" {
  command = plan

  variables {
    table_kms_encryption = true
  }

  assert {
    condition     = aws_dynamodb_table.processed_logs.server_side_encryption[0].enabled
    error_message = "With `table_kms_encryption` the table must have DynamoDB's key in KMS."
  }
}
