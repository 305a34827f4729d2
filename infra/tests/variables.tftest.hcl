# ---------------------------------------------------------------------------------------------
# Every validation, on both sides of each of its limits
#
# Terraform skips a validation that refers to another variable if that one is invalid. So variables
# that others refer to are tested in separate runs.
# ---------------------------------------------------------------------------------------------

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_dir = "./tests/packages"
}

run "lowest_values" {
  command = plan

  variables {
    project                        = "ab"
    account_id                     = "123456789012"
    tags                           = {}
    visibility_timeout_seconds     = 2
    max_receive_count              = 1
    queue_retention_seconds        = 86400
    lambda_runtime                 = "python3.11"
    lambda_architecture            = "x86_64"
    log_level                      = "DEBUG"
    log_retention_days             = 1
    api_memory_mb                  = 128
    api_timeout_seconds            = 1
    api_throttle_rate              = 1
    api_throttle_burst             = 1
    worker_memory_mb               = 128
    worker_timeout_seconds         = 1
    worker_batch_size              = 1
    worker_batching_window_seconds = 0
    worker_max_concurrency         = 2
    processing_seconds_per_char    = 0
    claim_margin_seconds           = 1
    retry_base_seconds             = 1
    retry_max_seconds              = 1
    queue_age_alarm_seconds        = 60
  }

  assert {
    condition     = output.max_text_chars == 6291456
    error_message = "Without processing time, only Lambda's payload may limit the text."
  }
}

run "below_the_lowest" {
  command = plan

  variables {
    project                 = "a"
    account_id              = "12345678901"
    max_receive_count       = 0
    queue_retention_seconds = 86399
    log_retention_days      = 0
    api_memory_mb           = 127
    api_timeout_seconds     = 0
    api_throttle_rate       = 0
    api_throttle_burst      = 0
    worker_memory_mb        = 127
    worker_batch_size       = 0
    worker_max_concurrency  = 1
    claim_margin_seconds    = 0
    retry_base_seconds      = 0
    queue_age_alarm_seconds = 59
  }

  expect_failures = [
    var.project,
    var.account_id,
    var.max_receive_count,
    var.queue_retention_seconds,
    var.log_retention_days,
    var.api_memory_mb,
    var.api_timeout_seconds,
    var.api_throttle_rate,
    var.api_throttle_burst,
    var.worker_memory_mb,
    var.worker_batch_size,
    var.worker_max_concurrency,
    var.claim_margin_seconds,
    var.retry_base_seconds,
    var.queue_age_alarm_seconds,
  ]
}

run "below_the_lowest_on_which_others_depend" {
  command = plan

  variables {
    visibility_timeout_seconds     = 1
    worker_batching_window_seconds = -1
  }

  expect_failures = [
    var.visibility_timeout_seconds,
    var.worker_batching_window_seconds,
  ]
}

run "below_the_lowest_on_which_others_depend_too" {
  command = plan

  variables {
    worker_timeout_seconds      = 0
    retry_max_seconds           = 0
    processing_seconds_per_char = -0.001
  }

  expect_failures = [
    var.worker_timeout_seconds,
    var.retry_max_seconds,
    var.processing_seconds_per_char,
  ]
}

run "highest_values" {
  command = plan

  variables {
    project                        = "a234567890123456789012345678901234567890"
    region                         = "us-gov-west-1"
    tags                           = { for n in range(40) : "tag-${n}" => "value" }
    visibility_timeout_seconds     = 43200
    max_receive_count              = 1000
    queue_retention_seconds        = 1123200
    lambda_runtime                 = "python3.13"
    lambda_architecture            = "arm64"
    log_level                      = "CRITICAL"
    log_retention_days             = 3653
    api_memory_mb                  = 10240
    api_timeout_seconds            = 29
    api_throttle_rate              = 10000
    api_throttle_burst             = 5000
    worker_memory_mb               = 10240
    worker_timeout_seconds         = 900
    worker_batch_size              = 10
    worker_batching_window_seconds = 300
    worker_max_concurrency         = 1000
    processing_seconds_per_char    = 10
    claim_margin_seconds           = 300
    retry_base_seconds             = 300
    retry_max_seconds              = 43200
    alarm_actions                  = ["arn:aws-us-gov:sns:us-gov-west-1:123456789012:on-call"]
    queue_age_alarm_seconds        = 1123200
  }

  assert {
    condition     = output.max_text_chars == 60
    error_message = "The text limit must follow from the worker's timeout, the margin and the processing time."
  }
}

run "above_the_highest" {
  command = plan

  variables {
    project                 = "a2345678901234567890123456789012345678901"
    account_id              = "1234567890123"
    tags                    = { for n in range(41) : "tag-${n}" => "value" }
    max_receive_count       = 1001
    queue_retention_seconds = 1123201
    log_retention_days      = 3654
    api_memory_mb           = 10241
    api_timeout_seconds     = 30
    api_throttle_rate       = 10001
    api_throttle_burst      = 5001
    worker_memory_mb        = 10241
    worker_batch_size       = 11
    worker_max_concurrency  = 1001
    claim_margin_seconds    = 301
    retry_base_seconds      = 301
    queue_age_alarm_seconds = 1123201
  }

  expect_failures = [
    var.project,
    var.account_id,
    var.tags,
    var.max_receive_count,
    var.queue_retention_seconds,
    var.log_retention_days,
    var.api_memory_mb,
    var.api_timeout_seconds,
    var.api_throttle_rate,
    var.api_throttle_burst,
    var.worker_memory_mb,
    var.worker_batch_size,
    var.worker_max_concurrency,
    var.claim_margin_seconds,
    var.retry_base_seconds,
    var.queue_age_alarm_seconds,
  ]
}

run "above_the_highest_on_which_others_depend" {
  command = plan

  variables {
    visibility_timeout_seconds     = 43201
    worker_batching_window_seconds = 301
  }

  expect_failures = [
    var.visibility_timeout_seconds,
    var.worker_batching_window_seconds,
  ]
}

run "above_the_highest_on_which_others_depend_too" {
  command = plan

  variables {
    worker_timeout_seconds      = 901
    retry_max_seconds           = 43201
    processing_seconds_per_char = 10.001
  }

  expect_failures = [
    var.worker_timeout_seconds,
    var.retry_max_seconds,
    var.processing_seconds_per_char,
  ]
}

run "fractions" {
  command = plan

  variables {
    max_receive_count       = 5.5
    queue_retention_seconds = 345600.5
    log_retention_days      = 30.5
    api_memory_mb           = 512.5
    api_timeout_seconds     = 10.5
    api_throttle_rate       = 1000.5
    api_throttle_burst      = 2000.5
    worker_memory_mb        = 512.5
    worker_batch_size       = 9.5
    worker_max_concurrency  = 100.5
    claim_margin_seconds    = 30.5
    retry_base_seconds      = 1.5
    queue_age_alarm_seconds = 1800.5
  }

  expect_failures = [
    var.max_receive_count,
    var.queue_retention_seconds,
    var.log_retention_days,
    var.api_memory_mb,
    var.api_timeout_seconds,
    var.api_throttle_rate,
    var.api_throttle_burst,
    var.worker_memory_mb,
    var.worker_batch_size,
    var.worker_max_concurrency,
    var.claim_margin_seconds,
    var.retry_base_seconds,
    var.queue_age_alarm_seconds,
  ]
}

run "fractions_on_which_others_depend" {
  command = plan

  variables {
    visibility_timeout_seconds     = 900.5
    worker_batching_window_seconds = 0.5
  }

  expect_failures = [
    var.visibility_timeout_seconds,
    var.worker_batching_window_seconds,
  ]
}

run "fractions_on_which_others_depend_too" {
  command = plan

  variables {
    worker_timeout_seconds = 800.5
    retry_max_seconds      = 300.5
  }

  expect_failures = [
    var.worker_timeout_seconds,
    var.retry_max_seconds,
  ]
}

# ---------------------------------------------------------------------------------------------
# Values that are not in a list, or malformed
# ---------------------------------------------------------------------------------------------

run "ill_formed" {
  command = plan

  variables {
    project             = "-data-processor"
    region              = "us-east"
    account_id          = "12345678901a"
    tags                = { "AWS:owner" = "us" }
    package_dir         = "./tests/packages/"
    lambda_runtime      = "python3.10"
    lambda_architecture = "amd64"
    log_level           = "info"
    log_retention_days  = 2
    alarm_actions       = ["arn:aws:sqs:us-east-1:123456789012:on-call"]
  }

  expect_failures = [
    var.project,
    var.region,
    var.account_id,
    var.tags,
    var.package_dir,
    var.lambda_runtime,
    var.lambda_architecture,
    var.log_level,
    var.log_retention_days,
    var.alarm_actions,
  ]
}

run "ill_formed_otherwise" {
  command = plan

  variables {
    project       = "data-processor-"
    region        = "US-EAST-1"
    package_dir   = ""
    alarm_actions = ["arn:aws:sns:us-east-1:123456789012:on-call", "on-call"]
  }

  expect_failures = [var.project, var.region, var.package_dir, var.alarm_actions]
}

run "ill_formed_once_more" {
  command = plan

  variables {
    project = "Data-Processor"
  }

  expect_failures = [var.project]
}

# ---------------------------------------------------------------------------------------------
# Values that contradict each other
# ---------------------------------------------------------------------------------------------

run "just_go_together" {
  command = plan

  variables {
    visibility_timeout_seconds     = 331
    worker_timeout_seconds         = 300
    worker_batching_window_seconds = 30
    claim_margin_seconds           = 299
    processing_seconds_per_char    = 1
    retry_base_seconds             = 300
    retry_max_seconds              = 300
    queue_age_alarm_seconds        = 301
  }

  assert {
    condition     = output.max_text_chars == 1
    error_message = "A text of one character must fit."
  }
}

run "just_do_not" {
  command = plan

  variables {
    visibility_timeout_seconds     = 330
    worker_timeout_seconds         = 300
    worker_batching_window_seconds = 30
    retry_max_seconds              = 331
  }

  expect_failures = [var.worker_timeout_seconds, var.retry_max_seconds]
}

run "just_do_not_either" {
  command = plan

  variables {
    worker_timeout_seconds      = 300
    claim_margin_seconds        = 299
    processing_seconds_per_char = 1.001
    retry_base_seconds          = 300
    retry_max_seconds           = 299
    queue_age_alarm_seconds     = 300
  }

  expect_failures = [var.claim_margin_seconds, var.retry_base_seconds, var.queue_age_alarm_seconds]
}

# ---------------------------------------------------------------------------------------------
# Hot reload
# ---------------------------------------------------------------------------------------------

run "hot_reload_is_for_localstack" {
  command = plan

  variables {
    hot_reload_dir = "/checkout/.local/hot-reload"
  }

  expect_failures = [var.hot_reload_dir]
}

run "hot_reload_needs_an_absolute_path" {
  command = plan

  variables {
    account_id     = "000000000000"
    hot_reload_dir = "hot-reload"
  }

  expect_failures = [var.hot_reload_dir]
}

# ---------------------------------------------------------------------------------------------
# Text limit
# ---------------------------------------------------------------------------------------------

run "text_limit_is_rounded_down" {
  command = plan

  variables {
    worker_timeout_seconds      = 100
    processing_seconds_per_char = 0.3
  }

  assert {
    condition     = output.max_text_chars == 233 && aws_lambda_function.api.environment[0].variables["MAX_TEXT_CHARS"] == "233"
    error_message = "70 seconds at 0.3 seconds per character are 233 characters."
  }
}

run "text_limit_is_the_payload_at_most" {
  command = plan

  variables {
    processing_seconds_per_char = 0.0001
  }

  assert {
    condition     = output.max_text_chars == 6291456
    error_message = "840 seconds at 0.1 ms per character are more than a request can hold."
  }
}
