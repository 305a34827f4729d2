# ---------------------------------------------------------------------------------------------
# A state of LocalStack is not applied to AWS
# ---------------------------------------------------------------------------------------------

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_dir = "./tests/packages"
  account_id  = "000000000000"
}

run "created_on_localstack" {
  override_data {
    target = data.aws_caller_identity.current
    values = { account_id = "000000000000" }
  }

  assert {
    condition     = terraform_data.home.output.account_id == "000000000000"
    error_message = "The state must record where it was created."
  }
}

run "runs_from_folders" {
  command = plan

  variables {
    hot_reload_dir = "/checkout/.local/hot-reload"
  }

  override_data {
    target = data.aws_caller_identity.current
    values = { account_id = "000000000000" }
  }

  assert {
    condition = (
      [aws_lambda_function.api.s3_bucket, aws_lambda_function.api.s3_key] == ["hot-reload", "/checkout/.local/hot-reload/api"]
      && [aws_lambda_function.worker.s3_bucket, aws_lambda_function.worker.s3_key] == ["hot-reload", "/checkout/.local/hot-reload/worker"]
      && aws_lambda_function.api.filename == null
      && aws_lambda_function.worker.filename == null
    )
    error_message = "With `hot_reload_dir` both functions must run from its folders."
  }
}

run "refuses_aws" {
  command = plan

  override_data {
    target = data.aws_caller_identity.current
    values = { account_id = "123456789012" }
  }

  expect_failures = [terraform_data.home]
}
