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
    visibility_timeout_seconds     = 21
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
    worker_timeout_seconds         = 20
    worker_batch_size              = 1
    worker_batching_window_seconds = 0
    worker_max_concurrency         = 2
    processing_seconds_per_char    = 0
    claim_margin_seconds           = 20
    retry_base_seconds             = 1
    retry_max_seconds              = 1
    store_retry_base_seconds       = 0.1
    store_retry_max_seconds        = 1
    long_worker_max_concurrency    = 2
    long_log_seconds               = 1
    expected_log_chars             = 1
    max_backlog_hours              = 0.1
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
    api_throttle_burst      = 0
    worker_memory_mb        = 127
    worker_batch_size       = 0
    worker_max_concurrency  = 1
    claim_margin_seconds    = 19
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
    visibility_timeout_seconds     = 20
    worker_batch_size              = 10
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
    worker_timeout_seconds      = 19
    retry_max_seconds           = 0
    store_retry_max_seconds     = 0
    processing_seconds_per_char = -0.001
  }

  expect_failures = [
    var.worker_timeout_seconds,
    var.retry_max_seconds,
    var.store_retry_max_seconds,
    var.processing_seconds_per_char,
  ]
}

run "below_the_lowest_of_lanes_and_backoffs" {
  command = plan

  variables {
    long_worker_max_concurrency = 1
    long_log_seconds            = 0.9
    expected_log_chars          = 0
    max_backlog_hours           = 0.09
    store_retry_base_seconds    = 0.09
  }

  expect_failures = [
    var.long_worker_max_concurrency,
    var.long_log_seconds,
    var.expected_log_chars,
    var.max_backlog_hours,
    var.store_retry_base_seconds,
  ]
}

run "above_the_highest_of_lanes_and_backoffs" {
  command = plan

  variables {
    long_worker_max_concurrency = 1001
    long_log_seconds            = 901
    expected_log_chars          = 100001
    max_backlog_hours           = 240.1
    store_retry_base_seconds    = 301
  }

  expect_failures = [
    var.long_worker_max_concurrency,
    var.long_log_seconds,
    var.expected_log_chars,
    var.max_backlog_hours,
    var.store_retry_base_seconds,
  ]
}

run "highest_values" {
  command = plan

  override_data {
    target = data.aws_servicequotas_service_quota.concurrency
    values = { value = 20000 }
  }

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
    redaction_regions              = ["AC", "ZW"]
    log_retention_days             = 3653
    api_memory_mb                  = 10240
    api_timeout_seconds            = 29
    api_throttle_burst             = 5000
    worker_memory_mb               = 10240
    worker_timeout_seconds         = 900
    worker_batch_size              = 100
    worker_batching_window_seconds = 300
    worker_max_concurrency         = 1000
    processing_seconds_per_char    = 10
    claim_margin_seconds           = 300
    retry_base_seconds             = 300
    retry_max_seconds              = 43200
    store_retry_base_seconds       = 300
    store_retry_max_seconds        = 40000
    long_worker_max_concurrency    = 1000
    long_log_seconds               = 900
    expected_log_chars             = 100000
    max_backlog_hours              = 156
    alarm_actions                  = ["arn:aws-us-gov:sns:us-gov-west-1:123456789012:on-call"]
    queue_age_alarm_seconds        = 1123200
  }

  assert {
    condition     = output.max_text_chars == 60
    error_message = "The text limit must follow from the worker's timeout, the margin and the processing time."
  }

  assert {
    condition     = aws_apigatewayv2_stage.default.default_route_settings[0].throttling_rate_limit == 1
    error_message = "However long the logs are, the API must accept one request per second."
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
    api_throttle_burst      = 5001
    worker_memory_mb        = 10241
    worker_batch_size       = 101
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
    store_retry_max_seconds     = 40001
    processing_seconds_per_char = 10.001
  }

  expect_failures = [
    var.worker_timeout_seconds,
    var.retry_max_seconds,
    var.store_retry_max_seconds,
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
    worker_batch_size              = 10
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
    redaction_regions   = ["us"]
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
    var.redaction_regions,
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

run "ten_messages_need_no_window" {
  command = plan

  variables {
    worker_batch_size              = 10
    worker_batching_window_seconds = 0
  }
}

run "eleven_messages_need_a_window" {
  command = plan

  variables {
    worker_batch_size              = 11
    worker_batching_window_seconds = 1
  }
}

run "eleven_messages_without_a_window" {
  command = plan

  variables {
    worker_batch_size              = 11
    worker_batching_window_seconds = 0
  }

  expect_failures = [var.worker_batch_size]
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
    queue_retention_seconds     = 172799
    store_retry_base_seconds    = 30
    store_retry_max_seconds     = 29
  }

  expect_failures = [
    var.claim_margin_seconds,
    var.retry_base_seconds,
    var.queue_age_alarm_seconds,
    var.max_backlog_hours,
    var.store_retry_base_seconds,
  ]
}

# ---------------------------------------------------------------------------------------------
# Capacity
# ---------------------------------------------------------------------------------------------

run "throttle_may_be_what_the_workers_drain" {
  command = plan

  variables {
    worker_max_concurrency  = 40
    worker_batch_size       = 10
    worker_memory_mb        = 1769
    expected_log_chars      = 80
    api_throttle_rate       = 98
    queue_retention_seconds = 172800
  }

  assert {
    condition     = aws_apigatewayv2_stage.default.default_route_settings[0].throttling_rate_limit == 98
    error_message = "40 invocations of 10 logs of 4 seconds, and 0.07 seconds for each batch, drain 98 logs per second."
  }
}

run "throttle_must_not_exceed_what_the_workers_drain" {
  command = plan

  variables {
    worker_max_concurrency = 40
    worker_batch_size      = 10
    worker_memory_mb       = 1769
    expected_log_chars     = 80
    api_throttle_rate      = 99
  }

  expect_failures = [var.api_throttle_rate]
}

run "throttle_below_the_lowest" {
  command = plan

  variables {
    processing_seconds_per_char = 0
    api_throttle_rate           = 0
  }

  expect_failures = [var.api_throttle_rate]
}

run "throttle_above_the_highest" {
  command = plan

  variables {
    processing_seconds_per_char = 0
    api_throttle_rate           = 10001
  }

  expect_failures = [var.api_throttle_rate]
}

run "throttle_with_a_fraction" {
  command = plan

  variables {
    processing_seconds_per_char = 0
    api_throttle_rate           = 100.5
  }

  expect_failures = [var.api_throttle_rate]
}

run "throttle_is_at_most_the_accounts_quota" {
  command = plan

  variables {
    processing_seconds_per_char = 0
    worker_memory_mb            = 1769
  }

  assert {
    condition     = aws_apigatewayv2_stage.default.default_route_settings[0].throttling_rate_limit == 10000
    error_message = "Without processing time the throttle must be the quota of an account."
  }
}

run "backlog_follows_from_what_the_workers_drain" {
  command = plan

  variables {
    worker_max_concurrency      = 50
    long_worker_max_concurrency = 4
    worker_batch_size           = 5
    worker_memory_mb            = 1769
    processing_seconds_per_char = 0.1
    long_log_seconds            = 12.5
    max_backlog_hours           = 2
  }

  assert {
    condition = output.max_short_chars == 125 && {
      for name in ["MAX_SHORT_CHARS", "MAX_BACKLOG", "MAX_LONG_BACKLOG"] : name => aws_lambda_function.api.environment[0].variables[name]
      } == {
      MAX_SHORT_CHARS = "125"
      # 7,200 s * 50 * 5 / 12.55 s
      MAX_BACKLOG = "143426"
      # 7,200 s * 4 * 5 / 840.05 s
      MAX_LONG_BACKLOG = "171"
    }
    error_message = "The API must refuse what the workers cannot drain in max_backlog_hours, even if all logs are as long as their lane allows."
  }
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
# Redaction
# ---------------------------------------------------------------------------------------------

run "regions_reach_both_functions" {
  command = plan

  variables {
    redaction_regions = ["US", "PL", "DE"]
  }

  assert {
    condition = (
      aws_lambda_function.api.environment[0].variables["REDACTION_REGIONS"] == "US,PL,DE" &&
      aws_lambda_function.worker.environment[0].variables["REDACTION_REGIONS"] == "US,PL,DE"
    )
    error_message = "Both functions must redact the numbers of the configured regions."
  }
}

run "region_that_does_not_exist" {
  command = plan

  variables {
    redaction_regions = ["US", "XX"]
  }

  expect_failures = [var.redaction_regions]
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
