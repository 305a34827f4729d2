# ---------------------------------------------------------------------------------------------
# Concurrency: whether the account has as much as the stack needs
#
# Lambda refuses a reservation that leaves less than 100 to the functions without one. The worker is
# such a function: its mappings limit it.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
# ---------------------------------------------------------------------------------------------

locals {
  on_localstack = var.account_id == local.localstack_account_id

  least_unreserved_concurrency = 100

  # Lambda's "Concurrent executions".
  concurrency_quota_code = "L-B99A9384"
}

# LocalStack has its own limit, and no Service Quotas.
data "aws_servicequotas_service_quota" "concurrency" {
  count = local.on_localstack ? 0 : 1

  service_code = "lambda"
  quota_code   = local.concurrency_quota_code
}

locals {
  # Each mapping of the worker has a limit.
  worker_limits = {
    worker_max_concurrency      = var.worker_max_concurrency
    long_worker_max_concurrency = var.long_worker_max_concurrency
  }
  worker_concurrency = sum(values(local.worker_limits))

  # Without a reservation the API gets what the worker leaves: at least one.
  needed_concurrency = (
    var.api_reserved_concurrency == null
    ? local.worker_concurrency + 1
    : var.api_reserved_concurrency + max(local.worker_concurrency, local.least_unreserved_concurrency)
  )

  concurrency_quota = local.on_localstack ? local.needed_concurrency : one(data.aws_servicequotas_service_quota.concurrency[*].value)

  concurrency_error = <<-EOT
    The stack needs ${local.needed_concurrency} concurrent invocations, but account ${data.aws_caller_identity.current.account_id} has a quota of ${local.concurrency_quota} in ${data.aws_region.current.id}.
    `api_reserved_concurrency` is ${jsonencode(var.api_reserved_concurrency)}, ${join(" and ", [for name, limit in local.worker_limits : "`${name}` is ${limit}"])}. Beside a reservation Lambda keeps at least ${local.least_unreserved_concurrency} for the functions without one.
    To raise the quota: aws service-quotas request-service-quota-increase --region ${data.aws_region.current.id} --service-code lambda --quota-code ${local.concurrency_quota_code} --desired-value ${max(local.needed_concurrency, 1000)}
    To need less: set `api_reserved_concurrency` to null, and lower ${join(" and ", [for name in keys(local.worker_limits) : "`${name}`"])} until the worker needs at most ${max(local.concurrency_quota - 1, 0)}.
  EOT
}
