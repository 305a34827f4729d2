# ---------------------------------------------------------------------------------------------
# Names
# ---------------------------------------------------------------------------------------------

locals {
  localstack_account_id = "000000000000"

  names = {
    api        = "${var.project}-api"
    worker     = "${var.project}-worker"
    queue      = "${var.project}-queue"
    long_queue = "${var.project}-long-queue"
    dlq        = "${var.project}-dlq"
    table      = "${var.project}-processed-logs"
  }

  tags = merge({ Project = var.project, ManagedBy = "terraform" }, var.tags)

  # The queues and the DLQ refer to each other. ARNs built from names avoid the cycle.
  sqs_arn_prefix = "arn:${data.aws_partition.current.partition}:sqs:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}"
  queue_arn      = "${local.sqs_arn_prefix}:${local.names.queue}"
  long_queue_arn = "${local.sqs_arn_prefix}:${local.names.long_queue}"
  dlq_arn        = "${local.sqs_arn_prefix}:${local.names.dlq}"
}

# ---------------------------------------------------------------------------------------------
# Limits
# ---------------------------------------------------------------------------------------------

locals {
  # The most that provider 5.100 accepts. SQS itself has accepted 1 MiB since August 2025.
  max_message_bytes = 262144

  # Lambda's limit for a synchronous request: no longer text can arrive.
  max_payload_bytes = 6291456

  # The longest text that one worker invocation can process and still have the claim's margin left.
  max_text_chars = (
    var.processing_seconds_per_char == 0
    ? local.max_payload_bytes
    : min(
      local.max_payload_bytes,
      floor((var.worker_timeout_seconds - var.claim_margin_seconds) / var.processing_seconds_per_char),
    )
  )
}

# ---------------------------------------------------------------------------------------------
# Capacity
# ---------------------------------------------------------------------------------------------

locals {
  instant = var.processing_seconds_per_char == 0

  # A longer text takes the long lane.
  max_short_chars = (
    local.instant
    ? local.max_text_chars
    : min(local.max_text_chars, floor(var.long_log_seconds / var.processing_seconds_per_char))
  )

  # What a batch takes beyond its longest log: starting, and some milliseconds of processor time a log,
  # of which a function has a share by its memory (docs/capacity.md).
  overhead_seconds = 0.03 + var.worker_batch_size * 0.004 * 1769 / min(var.worker_memory_mb, 1769)

  # What a batch takes, if its longest log is as long as expected, or as long as its lane allows
  expected_seconds = local.overhead_seconds + var.expected_log_chars * var.processing_seconds_per_char
  short_seconds    = local.overhead_seconds + local.max_short_chars * var.processing_seconds_per_char
  long_seconds     = local.overhead_seconds + local.max_text_chars * var.processing_seconds_per_char

  # Logs that are processed at the same time
  short_places = var.worker_max_concurrency * var.worker_batch_size
  long_places  = var.long_worker_max_concurrency * var.worker_batch_size

  # Logs a second that the workers drain, if they are as long as expected. The HTTP API accepts 10,000
  # a second at most (the account's default quota).
  drain_rate        = floor(local.short_places / local.expected_seconds)
  api_throttle_rate = coalesce(var.api_throttle_rate, max(1, min(10000, local.drain_rate)))

  # Messages that the workers drain in `max_backlog_hours`, even if all are as long as their lane allows
  max_backlog      = floor(var.max_backlog_hours * 3600 * local.short_places / local.short_seconds)
  max_long_backlog = floor(var.max_backlog_hours * 3600 * local.long_places / local.long_seconds)
}

# ---------------------------------------------------------------------------------------------
# Packages
# ---------------------------------------------------------------------------------------------

locals {
  api_package    = "${var.package_dir}/api.zip"
  worker_package = "${var.package_dir}/worker.zip"

  # With this bucket name LocalStack takes the key for a folder.
  hot_reload_bucket = var.hot_reload_dir == null ? null : "hot-reload"
}

# ---------------------------------------------------------------------------------------------
# Redaction
# ---------------------------------------------------------------------------------------------

locals {
  # Those of lambdas/pipeline/redaction/regions.json: Terraform also runs where lambdas/ is not.
  phone_regions = split(" ", join(" ", [
    "AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ",
    "BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO",
    "DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU",
    "GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW",
    "KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT",
    "MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT",
    "PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA",
    "TC TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK",
    "YE YT ZA ZM ZW",
  ]))
}

# ---------------------------------------------------------------------------------------------
# What the functions share
# ---------------------------------------------------------------------------------------------

locals {
  metrics_namespace = "RobustDataProcessor"

  # What the metrics of both functions have beside `service`: stacks in one region share the namespace.
  metrics_dimensions = { project = var.project }

  lambda_assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}
