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

  # Not enabled means DynamoDB's own key: the table is encrypted at rest either way.
  server_side_encryption {
    enabled = var.table_kms_encryption
  }

  # The guard's record outlives what holds data: a destroy that stops half-way stays guarded.
  depends_on = [terraform_data.home]
}
