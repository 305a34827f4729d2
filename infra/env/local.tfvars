# Differences on LocalStack. A local run takes place in .local/infra, two levels below the checkout.

account_id                = "000000000000"
package_dir               = "../../build"
lambda_architecture       = "x86_64"
table_deletion_protection = false
log_retention_days        = 1
fault_injection           = true

# Local outages last seconds.
store_retry_base_seconds = 1
store_retry_max_seconds  = 10

# Tests wait for each log: on AWS it waits for up to 5 seconds to share an invocation. The least that
# batches of more than 10 messages allow.
worker_batching_window_seconds = 1
