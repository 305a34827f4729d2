# Differences on LocalStack. A local run takes place in .local/infra, two levels below the checkout.

account_id                = "000000000000"
package_dir               = "../../build"
lambda_architecture       = "x86_64"
table_deletion_protection = false
log_retention_days        = 1
fault_injection           = true
