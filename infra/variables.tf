# ---------------------------------------------------------------------------------------------
# Deployment
# ---------------------------------------------------------------------------------------------

variable "project" {
  description = "Prefix of all names: 2-40 characters of a-z, 0-9 and -, starting with a letter and not ending with -. IAM names are global, so a second region in the same account needs another project."
  type        = string
  default     = "robust-data-processor"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,38}[a-z0-9]$", var.project))
    error_message = "`project` must be 2-40 characters of a-z, 0-9 and -, start with a letter and not end with -."
  }
}

variable "region" {
  description = "AWS region, for example us-east-1."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "`region` must be the code of an AWS region, for example us-east-1."
  }
}

variable "account_id" {
  description = "The only account that Terraform may change: 12 digits. Null: the account of the credentials, unless it is LocalStack's 000000000000."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))
    error_message = "`account_id` must be 12 digits, or null."
  }
}

variable "tags" {
  description = "Tags of all resources in addition to Project and ManagedBy: at most 40, none starting with aws:."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(var.tags) <= 40 && alltrue([for key in keys(var.tags) : !startswith(lower(key), "aws:")])
    error_message = "`tags` must be at most 40, and none may start with aws:, which AWS reserves."
  }
}

variable "package_dir" {
  description = "Folder of api.zip and worker.zip, relative to the folder where Terraform runs, without a trailing slash. `make package` fills it."
  type        = string
  default     = "../build"

  validation {
    condition     = var.package_dir != "" && !endswith(var.package_dir, "/")
    error_message = "`package_dir` must be a folder, without a trailing slash, for example ../build."
  }
}

variable "hot_reload_dir" {
  description = "LocalStack only: the folder of api/ and worker/, from which the functions run the current code at each invocation; an absolute path without a trailing slash. Null: run the packages."
  type        = string
  default     = null

  validation {
    condition     = var.hot_reload_dir == null || can(regex("^/.*[^/]$", var.hot_reload_dir))
    error_message = "`hot_reload_dir` must be an absolute path without a trailing slash, or null."
  }

  validation {
    condition     = var.hot_reload_dir == null || var.account_id == local.localstack_account_id
    error_message = "`hot_reload_dir` is for LocalStack (`account_id` 000000000000): AWS runs packages."
  }
}

# ---------------------------------------------------------------------------------------------
# Queue
# ---------------------------------------------------------------------------------------------

variable "visibility_timeout_seconds" {
  description = "How long a received message stays hidden, in seconds: 21-43,200. No retry comes later than this; the worker shortens it for each message."
  type        = number
  default     = 900

  validation {
    condition     = var.visibility_timeout_seconds == floor(var.visibility_timeout_seconds) && var.visibility_timeout_seconds >= 21 && var.visibility_timeout_seconds <= 43200
    error_message = "`visibility_timeout_seconds` must be a whole number of seconds from 21 to 43,200."
  }
}

variable "max_receive_count" {
  description = "Number of attempts before SQS moves a message to the DLQ: 1-1,000. AWS recommends at least 5 for Lambda."
  type        = number
  default     = 5

  validation {
    condition     = var.max_receive_count == floor(var.max_receive_count) && var.max_receive_count >= 1 && var.max_receive_count <= 1000
    error_message = "`max_receive_count` must be a whole number of attempts from 1 to 1,000."
  }
}

variable "queue_retention_seconds" {
  description = "How long the queue keeps a message, in seconds: 86,400-1,123,200 (1-13 days). The DLQ keeps it until 14 days after it was first sent, so at least one day is left to look at it."
  type        = number
  default     = 1123200

  validation {
    condition     = var.queue_retention_seconds == floor(var.queue_retention_seconds) && var.queue_retention_seconds >= 86400 && var.queue_retention_seconds <= 1123200
    error_message = "`queue_retention_seconds` must be a whole number of seconds from 86,400 to 1,123,200."
  }
}

# ---------------------------------------------------------------------------------------------
# Table
# ---------------------------------------------------------------------------------------------

variable "table_deletion_protection" {
  description = "Whether DynamoDB refuses to delete the table."
  type        = bool
  default     = true
}

variable "point_in_time_recovery" {
  description = "Whether the table can be restored to any second of the last 35 days."
  type        = bool
  default     = true
}

variable "table_kms_encryption" {
  description = "Whether the table is encrypted with the KMS key alias/aws/dynamodb: CloudTrail then records its use, and KMS charges for it. Otherwise DynamoDB encrypts the table with its own key, free of charge. Not together with kms_key_arn."
  type        = bool
  default     = false
}

variable "record_retention_days" {
  description = "DynamoDB deletes a record this many days after it was stored: 0-3,650. With 0 records are kept. DynamoDB refuses to turn expiry on and off again within about an hour."
  type        = number
  default     = 0

  validation {
    condition     = var.record_retention_days == floor(var.record_retention_days) && var.record_retention_days >= 0 && var.record_retention_days <= 3650
    error_message = "`record_retention_days` must be a whole number of days from 0 to 3,650."
  }
}

variable "store_original_text" {
  description = "Whether a record holds the text as it was sent, beside the redacted one."
  type        = bool
  default     = true
}

# ---------------------------------------------------------------------------------------------
# Encryption
# ---------------------------------------------------------------------------------------------

variable "kms_key_arn" {
  description = "ARN of a symmetric KMS key in the stack's region that encrypts the table, the queues and all log groups; docs/encryption.md has the policy that it needs. Null: keys of the services."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "`kms_key_arn` must be the ARN of a KMS key, for example arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab, or null. The ARN of an alias is not enough: `aws kms describe-key --key-id alias/NAME --query KeyMetadata.Arn` shows the key's."
  }

  validation {
    condition     = var.kms_key_arn == null || try(split(":", var.kms_key_arn)[3], "") == var.region
    error_message = "`kms_key_arn` must be a key in `region`: SQS, DynamoDB and CloudWatch Logs use only keys of their region."
  }

  validation {
    condition     = var.kms_key_arn == null || !var.table_kms_encryption
    error_message = "`kms_key_arn` and `table_kms_encryption` exclude each other: the table has one key. With `kms_key_arn`, leave `table_kms_encryption` false."
  }
}

# ---------------------------------------------------------------------------------------------
# Both functions
# ---------------------------------------------------------------------------------------------

variable "lambda_runtime" {
  description = "Runtime of both functions: python3.11, python3.12 or python3.13."
  type        = string
  default     = "python3.11"

  validation {
    condition     = contains(["python3.11", "python3.12", "python3.13"], var.lambda_runtime)
    error_message = "`lambda_runtime` must be python3.11, python3.12 or python3.13."
  }
}

variable "lambda_architecture" {
  description = "Instruction set of both functions: arm64 or x86_64. The packages are pure Python and run on both."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.lambda_architecture)
    error_message = "`lambda_architecture` must be arm64 or x86_64."
  }
}

variable "log_level" {
  description = "Lowest level that the functions log: DEBUG, INFO, WARNING, ERROR or CRITICAL."
  type        = string
  default     = "INFO"

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], var.log_level)
    error_message = "`log_level` must be DEBUG, INFO, WARNING, ERROR or CRITICAL."
  }
}

variable "redaction_regions" {
  description = "Regions whose national phone numbers are redacted even without a label, in the groups that the region prints: ISO 3166 codes, for example [\"US\", \"PL\", \"DE\"]. docs/redaction.md says what it costs."
  type        = list(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.redaction_regions, local.phone_regions)) == 0
    error_message = "`redaction_regions` must be codes of regions that have phone numbers, such as US. Unknown: ${join(", ", setsubtract(var.redaction_regions, local.phone_regions))}."
  }
}

variable "log_retention_days" {
  description = "How long CloudWatch keeps logs, in days: one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "`log_retention_days` must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}

# ---------------------------------------------------------------------------------------------
# API
# ---------------------------------------------------------------------------------------------

variable "api_memory_mb" {
  description = "Memory of the API function, in MB: 128-10,240. More memory brings more CPU, which shortens the cold start and costs little: docs/capacity.md."
  type        = number
  default     = 512

  validation {
    condition     = var.api_memory_mb == floor(var.api_memory_mb) && var.api_memory_mb >= 128 && var.api_memory_mb <= 10240
    error_message = "`api_memory_mb` must be a whole number of MB from 128 to 10,240."
  }
}

variable "api_timeout_seconds" {
  description = "Timeout of the API function, in seconds: 1-29, below the 30 seconds after which the HTTP API gives up. A request's two calls of SQS take at most 22."
  type        = number
  default     = 25

  validation {
    condition     = var.api_timeout_seconds == floor(var.api_timeout_seconds) && var.api_timeout_seconds >= 1 && var.api_timeout_seconds <= 29
    error_message = "`api_timeout_seconds` must be a whole number of seconds from 1 to 29."
  }
}

variable "api_reserved_concurrency" {
  description = "Concurrent invocations that are reserved for the API function, which never gets more: 1-10,000. Null: as many as the account has left."
  type        = number
  default     = 100

  validation {
    condition     = var.api_reserved_concurrency == null || try(var.api_reserved_concurrency == floor(var.api_reserved_concurrency) && var.api_reserved_concurrency >= 1 && var.api_reserved_concurrency <= 10000, false)
    error_message = "`api_reserved_concurrency` must be a whole number of invocations from 1 to 10,000, or null."
  }
}

variable "api_throttle_rate" {
  description = "Sustained requests per second; the HTTP API answers more with 429: 1-10,000 (the account's default quota), and at most what the workers drain. Null: what they drain, worker_max_concurrency * worker_batch_size / the seconds of a batch of logs with expected_log_chars."
  type        = number
  default     = null

  validation {
    condition     = var.api_throttle_rate == null || try(var.api_throttle_rate == floor(var.api_throttle_rate) && var.api_throttle_rate >= 1 && var.api_throttle_rate <= 10000, false)
    error_message = "`api_throttle_rate` must be a whole number of requests per second from 1 to 10,000, or null."
  }

  validation {
    condition     = var.api_throttle_rate == null || try(var.api_throttle_rate <= max(1, local.drain_rate), false)
    error_message = "`api_throttle_rate` must not exceed ${local.drain_rate} requests per second, which is what the workers drain: ${var.worker_max_concurrency} invocations of ${var.worker_batch_size} logs that take ${format("%.1f", local.expected_seconds)} s. Raise `worker_max_concurrency` or `worker_batch_size`, or lower `expected_log_chars`."
  }
}

variable "expected_log_chars" {
  description = "Characters of an average log: 1-100,000. Together with processing_seconds_per_char it determines how many logs a second the workers drain, and so api_throttle_rate."
  type        = number
  default     = 100

  validation {
    condition     = var.expected_log_chars >= 1 && var.expected_log_chars <= 100000
    error_message = "`expected_log_chars` must be from 1 to 100,000 characters."
  }
}

variable "max_backlog_hours" {
  description = "The API answers 429 while a queue holds more than its workers drain in this time, in hours: 0.1-240, at most half of queue_retention_seconds. Counted as if every log were as long as its lane allows."
  type        = number
  default     = 24

  validation {
    condition     = var.max_backlog_hours >= 0.1 && var.max_backlog_hours <= 240
    error_message = "`max_backlog_hours` must be from 0.1 to 240 hours."
  }

  validation {
    condition     = var.max_backlog_hours * 7200 <= var.queue_retention_seconds
    error_message = "`max_backlog_hours` must not exceed half of `queue_retention_seconds`: retries also take time, and SQS deletes what the queue keeps for too long."
  }
}

variable "api_throttle_burst" {
  description = "Requests that the HTTP API accepts at once, above the sustained rate: 1-5,000 (the account's default quota)."
  type        = number
  default     = 2000

  validation {
    condition     = var.api_throttle_burst == floor(var.api_throttle_burst) && var.api_throttle_burst >= 1 && var.api_throttle_burst <= 5000
    error_message = "`api_throttle_burst` must be a whole number of requests from 1 to 5,000."
  }
}

# ---------------------------------------------------------------------------------------------
# Worker
# ---------------------------------------------------------------------------------------------

variable "worker_memory_mb" {
  description = "Memory of the worker function, in MB: 128-10,240. The child processes of a batch share it: each message that is tried again takes 1.2 MB. docs/capacity.md has the figures."
  type        = number
  default     = 256

  validation {
    condition     = var.worker_memory_mb == floor(var.worker_memory_mb) && var.worker_memory_mb >= 128 && var.worker_memory_mb <= 10240
    error_message = "`worker_memory_mb` must be a whole number of MB from 128 to 10,240."
  }
}

variable "worker_timeout_seconds" {
  description = "Timeout of the worker function, in seconds: 20-900. Together with the batching window it must be below visibility_timeout_seconds."
  type        = number
  default     = 870

  validation {
    condition     = var.worker_timeout_seconds == floor(var.worker_timeout_seconds) && var.worker_timeout_seconds >= 20 && var.worker_timeout_seconds <= 900
    error_message = "`worker_timeout_seconds` must be a whole number of seconds from 20 to 900."
  }

  validation {
    condition     = var.worker_timeout_seconds + var.worker_batching_window_seconds < var.visibility_timeout_seconds
    error_message = "`worker_timeout_seconds` plus `worker_batching_window_seconds` must be below `visibility_timeout_seconds`: a message must not become visible while it is being processed."
  }
}

variable "worker_batch_size" {
  description = "Most messages in one invocation, which processes all of them at the same time: 1-100. More than 10 need a batching window of at least 1 second."
  type        = number
  default     = 50

  validation {
    condition     = var.worker_batch_size == floor(var.worker_batch_size) && var.worker_batch_size >= 1 && var.worker_batch_size <= 100
    error_message = "`worker_batch_size` must be a whole number of messages from 1 to 100."
  }

  validation {
    condition     = var.worker_batch_size <= 10 || var.worker_batching_window_seconds >= 1
    error_message = "`worker_batch_size` above 10 needs a `worker_batching_window_seconds` of at least 1: Lambda refuses it otherwise."
  }
}

variable "worker_batching_window_seconds" {
  description = "How long Lambda collects messages for a larger batch, in seconds: 0-300. With 0 it does not wait. The larger the batches, the cheaper is a log, and the longer it waits: docs/capacity.md."
  type        = number
  default     = 5

  validation {
    condition     = var.worker_batching_window_seconds == floor(var.worker_batching_window_seconds) && var.worker_batching_window_seconds >= 0 && var.worker_batching_window_seconds <= 300
    error_message = "`worker_batching_window_seconds` must be a whole number of seconds from 0 to 300."
  }
}

variable "worker_max_concurrency" {
  description = "Most concurrent invocations of the worker: 2-1,000."
  type        = number
  default     = 100

  validation {
    condition     = var.worker_max_concurrency == floor(var.worker_max_concurrency) && var.worker_max_concurrency >= 2 && var.worker_max_concurrency <= 1000
    error_message = "`worker_max_concurrency` must be a whole number of invocations from 2 to 1,000."
  }
}

variable "long_worker_max_concurrency" {
  description = "Most concurrent invocations of the worker for long logs, in addition to worker_max_concurrency: 2-1,000."
  type        = number
  default     = 20

  validation {
    condition     = var.long_worker_max_concurrency == floor(var.long_worker_max_concurrency) && var.long_worker_max_concurrency >= 2 && var.long_worker_max_concurrency <= 1000
    error_message = "`long_worker_max_concurrency` must be a whole number of invocations from 2 to 1,000."
  }
}

variable "long_log_seconds" {
  description = "A log whose processing takes longer than this, in seconds, takes the long lane: its own queue and workers. 1-900."
  type        = number
  default     = 20

  validation {
    condition     = var.long_log_seconds >= 1 && var.long_log_seconds <= 900
    error_message = "`long_log_seconds` must be from 1 to 900 seconds."
  }
}

variable "processing_seconds_per_char" {
  description = "Simulated processing time of one character, in seconds: 0-10. Together with worker_timeout_seconds it determines the API's text limit."
  type        = number
  default     = 0.05

  validation {
    condition     = var.processing_seconds_per_char >= 0 && var.processing_seconds_per_char <= 10
    error_message = "`processing_seconds_per_char` must be from 0 to 10 seconds."
  }
}

variable "claim_margin_seconds" {
  description = "Time that the worker has for a message beyond its simulated processing (to start, to store, which may take 15 seconds), in seconds: 20-300. With one character's processing time at most worker_timeout_seconds."
  type        = number
  default     = 30

  validation {
    condition     = var.claim_margin_seconds == floor(var.claim_margin_seconds) && var.claim_margin_seconds >= 20 && var.claim_margin_seconds <= 300
    error_message = "`claim_margin_seconds` must be a whole number of seconds from 20 to 300: storing a record may take 15."
  }

  validation {
    condition     = var.claim_margin_seconds + var.processing_seconds_per_char <= var.worker_timeout_seconds
    error_message = "`claim_margin_seconds` plus `processing_seconds_per_char` must not exceed `worker_timeout_seconds`: otherwise not even one character could be processed."
  }
}

variable "retry_base_seconds" {
  description = "First backoff after a transient failure of a message itself, in seconds: 1-300. It doubles with each attempt."
  type        = number
  default     = 1

  validation {
    condition     = var.retry_base_seconds == floor(var.retry_base_seconds) && var.retry_base_seconds >= 1 && var.retry_base_seconds <= 300
    error_message = "`retry_base_seconds` must be a whole number of seconds from 1 to 300."
  }

  validation {
    condition     = var.retry_base_seconds <= var.retry_max_seconds
    error_message = "`retry_base_seconds` must not exceed `retry_max_seconds`."
  }
}

variable "retry_max_seconds" {
  description = "Longest backoff after a transient failure of a message itself, in seconds: 1-43,200, at most visibility_timeout_seconds."
  type        = number
  default     = 300

  validation {
    condition     = var.retry_max_seconds == floor(var.retry_max_seconds) && var.retry_max_seconds >= 1 && var.retry_max_seconds <= 43200
    error_message = "`retry_max_seconds` must be a whole number of seconds from 1 to 43,200."
  }

  validation {
    condition     = var.retry_max_seconds <= var.visibility_timeout_seconds
    error_message = "`retry_max_seconds` must not exceed `visibility_timeout_seconds`."
  }
}

variable "store_retry_base_seconds" {
  description = "First backoff after the table did not take a record, in seconds: 0.1-300. Each further one is six times as long, so that an outage does not use up the attempts: with the defaults the last of 5 attempts is at least 17 minutes after the first."
  type        = number
  default     = 5

  validation {
    condition     = var.store_retry_base_seconds >= 0.1 && var.store_retry_base_seconds <= 300
    error_message = "`store_retry_base_seconds` must be from 0.1 to 300 seconds."
  }

  validation {
    condition     = var.store_retry_base_seconds <= var.store_retry_max_seconds
    error_message = "`store_retry_base_seconds` must not exceed `store_retry_max_seconds`."
  }
}

variable "store_retry_max_seconds" {
  description = "Longest backoff after the table did not take a record, in seconds: 1-40,000. SQS hides a message for at most 43,200 after it was received."
  type        = number
  default     = 1080

  validation {
    condition     = var.store_retry_max_seconds == floor(var.store_retry_max_seconds) && var.store_retry_max_seconds >= 1 && var.store_retry_max_seconds <= 40000
    error_message = "`store_retry_max_seconds` must be a whole number of seconds from 1 to 40,000."
  }
}

variable "fault_injection" {
  description = "Whether the worker injects the faults that tests and chaos runs request with the SQS message attribute Fault. Leave it off in production."
  type        = bool
  default     = false
}

variable "enable_chaos" {
  description = "AWS only: whether to create FIS experiments (docs/chaos_aws.md) and add the FIS extension to both functions. The extension slows invocations down; nothing breaks until an experiment is started."
  type        = bool
  default     = false

  validation {
    condition     = !var.enable_chaos || var.account_id != local.localstack_account_id
    error_message = "`enable_chaos` is for AWS: LocalStack (`account_id` 000000000000) has no FIS. `make chaos` breaks the local stack."
  }
}

# ---------------------------------------------------------------------------------------------
# Alarms
# ---------------------------------------------------------------------------------------------

variable "alarm_actions" {
  description = "ARNs of SNS topics that alarms notify when they fire and when they recover."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.alarm_actions : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", arn))])
    error_message = "`alarm_actions` must be ARNs of SNS topics, for example arn:aws:sns:us-east-1:123456789012:on-call."
  }
}

variable "queue_age_alarm_seconds" {
  description = "The alarm fires when the oldest message is older than this, in seconds: 60-1,123,200. Above worker_timeout_seconds, because a message ages while it is processed."
  type        = number
  default     = 1800

  validation {
    condition     = var.queue_age_alarm_seconds == floor(var.queue_age_alarm_seconds) && var.queue_age_alarm_seconds >= 60 && var.queue_age_alarm_seconds <= 1123200
    error_message = "`queue_age_alarm_seconds` must be a whole number of seconds from 60 to 1,123,200."
  }

  validation {
    condition     = var.queue_age_alarm_seconds > var.worker_timeout_seconds
    error_message = "`queue_age_alarm_seconds` must be above `worker_timeout_seconds`: a message ages while it is processed."
  }
}
