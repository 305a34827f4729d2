# ---------------------------------------------------------------------------------------------
# A stack that needs more concurrency than its account has is refused before anything is created
# ---------------------------------------------------------------------------------------------

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_dir = "./tests/packages"
}

run "limits" {
  command = plan

  assert {
    condition     = aws_lambda_function.api.reserved_concurrent_executions == 100
    error_message = "By default the API must have a reservation: a slow SQS would otherwise let it take the whole account's concurrency."
  }

  assert {
    condition = local.worker_concurrency == sum([
      for mapping in [aws_lambda_event_source_mapping.worker, aws_lambda_event_source_mapping.long_worker] : mapping.scaling_config[0].maximum_concurrency
    ])
    error_message = "`local.worker_limits` must have the limits of all of the worker's mappings."
  }
}

run "without_a_reservation" {
  command = plan

  variables {
    api_reserved_concurrency = null
  }

  assert {
    condition     = aws_lambda_function.api.reserved_concurrent_executions == null
    error_message = "With null the API must have no reservation."
  }
}

run "just_fits" {
  command = plan

  variables {
    api_reserved_concurrency = 100
    worker_max_concurrency   = 880
  }

  assert {
    condition     = local.needed_concurrency == 1000
    error_message = "The API's reservation and the worker's limit are needed together."
  }
}

run "just_does_not_fit" {
  command = plan

  variables {
    api_reserved_concurrency = 101
    worker_max_concurrency   = 880
  }

  expect_failures = [aws_lambda_function.api]
}

run "leaves_lambda_its_100" {
  command = plan

  variables {
    api_reserved_concurrency = 900
    worker_max_concurrency   = 2
  }

  assert {
    condition     = local.needed_concurrency == 1000
    error_message = "Lambda keeps 100 for the functions without a reservation, however little the worker needs."
  }
}

run "does_not_leave_lambda_its_100" {
  command = plan

  variables {
    api_reserved_concurrency = 901
    worker_max_concurrency   = 2
  }

  expect_failures = [aws_lambda_function.api]
}

run "new_account_is_too_small_for_the_defaults" {
  command = plan

  override_data {
    target = data.aws_servicequotas_service_quota.concurrency
    values = { value = 10 }
  }

  expect_failures = [aws_lambda_function.api]
}

run "error_names_values_quota_and_what_to_do" {
  command = plan

  variables {
    api_reserved_concurrency = 150
    worker_max_concurrency   = 800
  }

  assert {
    condition = alltrue([
      for part in [
        "needs 970", "quota of 1000", "`api_reserved_concurrency` is 150", "`worker_max_concurrency` is 800", "`long_worker_max_concurrency` is 20",
        "aws service-quotas request-service-quota-increase --region us-east-1 --service-code lambda --quota-code L-B99A9384 --desired-value 1000",
        "set `api_reserved_concurrency` to null", "at most 999",
      ] : strcontains(local.concurrency_error, part)
    ])
    error_message = "The error must name the values, the quota, and the commands that mend it, but is: ${local.concurrency_error}"
  }
}

run "fits_into_a_new_account" {
  command = plan

  override_data {
    target = data.aws_servicequotas_service_quota.concurrency
    values = { value = 10 }
  }

  variables {
    api_reserved_concurrency    = null
    worker_max_concurrency      = 7
    long_worker_max_concurrency = 2
  }
}

run "leaves_nothing_for_the_api" {
  command = plan

  override_data {
    target = data.aws_servicequotas_service_quota.concurrency
    values = { value = 10 }
  }

  variables {
    api_reserved_concurrency    = null
    worker_max_concurrency      = 8
    long_worker_max_concurrency = 2
  }

  expect_failures = [aws_lambda_function.api]
}

run "localstack_is_not_asked" {
  command = plan

  override_data {
    target = data.aws_caller_identity.current
    values = { account_id = "000000000000" }
  }

  variables {
    account_id             = "000000000000"
    worker_max_concurrency = 1000
  }

  assert {
    condition     = length(data.aws_servicequotas_service_quota.concurrency) == 0
    error_message = "LocalStack has no Service Quotas."
  }
}

# ---------------------------------------------------------------------------------------------
# Range of the reservation
# ---------------------------------------------------------------------------------------------

run "least_reservation" {
  command = plan

  variables {
    api_reserved_concurrency = 1
  }
}

run "greatest_reservation" {
  command = plan

  override_data {
    target = data.aws_servicequotas_service_quota.concurrency
    values = { value = 20000 }
  }

  variables {
    api_reserved_concurrency = 10000
  }
}

run "below_the_least_reservation" {
  command = plan

  variables {
    api_reserved_concurrency = 0
  }

  expect_failures = [var.api_reserved_concurrency]
}

run "above_the_greatest_reservation" {
  command = plan

  variables {
    api_reserved_concurrency = 10001
  }

  expect_failures = [var.api_reserved_concurrency]
}

run "fraction_of_a_reservation" {
  command = plan

  variables {
    api_reserved_concurrency = 99.5
  }

  expect_failures = [var.api_reserved_concurrency]
}
