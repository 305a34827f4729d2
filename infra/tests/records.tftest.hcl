# ---------------------------------------------------------------------------------------------
# Records: how long they are kept, and what they hold
# ---------------------------------------------------------------------------------------------

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_dir = "./tests/packages"
}

run "records_are_kept" {
  command = plan

  assert {
    condition     = !aws_dynamodb_table.processed_logs.ttl[0].enabled
    error_message = "By default no record may expire."
  }

  assert {
    condition     = aws_dynamodb_table.processed_logs.ttl[0].attribute_name == "expires_at"
    error_message = "DynamoDB wants the attribute's name to turn expiry off, too; the provider takes it from here."
  }
}

run "records_expire" {
  command = plan

  variables {
    record_retention_days = 1
    store_original_text   = false
  }

  assert {
    condition = (
      aws_dynamodb_table.processed_logs.ttl[0].enabled
      && aws_dynamodb_table.processed_logs.ttl[0].attribute_name == "expires_at"
      && aws_lambda_function.worker.environment[0].variables["RECORD_RETENTION_DAYS"] == "1"
    )
    error_message = "DynamoDB must delete records by `expires_at`, which the worker sets."
  }

  assert {
    condition     = aws_lambda_function.worker.environment[0].variables["STORE_ORIGINAL_TEXT"] == "false"
    error_message = "The worker must not store the original text."
  }
}

run "longest_time" {
  command = plan

  variables {
    record_retention_days = 3650
  }
}

run "above_the_longest_time" {
  command = plan

  variables {
    record_retention_days = 3651
  }

  expect_failures = [var.record_retention_days]
}

run "below_the_shortest_time" {
  command = plan

  variables {
    record_retention_days = -1
  }

  expect_failures = [var.record_retention_days]
}

run "fraction_of_a_day" {
  command = plan

  variables {
    record_retention_days = 0.5
  }

  expect_failures = [var.record_retention_days]
}
