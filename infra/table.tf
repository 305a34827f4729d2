# ---------------------------------------------------------------------------------------------
# Table
# ---------------------------------------------------------------------------------------------

resource "aws_dynamodb_table" "processed_logs" {
  name                        = local.names.table
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "tenant_id"
  range_key                   = "log_id"
  deletion_protection_enabled = var.table_deletion_protection

  attribute {
    name = "tenant_id"
    type = "S"
  }

  attribute {
    name = "log_id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = var.point_in_time_recovery
  }

  # If this is off, DynamoDB encrypts the table with its own key.
  server_side_encryption {
    enabled     = var.table_kms_encryption || var.kms_key_arn != null
    kms_key_arn = var.kms_key_arn
  }

  # With the name also where it is off: to turn it off, DynamoDB wants to know of which attribute.
  ttl {
    enabled        = var.record_retention_days > 0
    attribute_name = "expires_at"
  }

  # The guard (main.tf) is destroyed after everything that holds data, so that a destroy that fails
  # halfway stays guarded.
  depends_on = [terraform_data.home]
}
