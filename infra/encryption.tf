# ---------------------------------------------------------------------------------------------
# Encryption with a key of one's own
#
# docs/encryption.md has the key's policy. Log groups need nothing in the roles: CloudWatch Logs uses the
# key itself.
# ---------------------------------------------------------------------------------------------

locals {
  # For each queue. SQS's own key and a KMS key exclude each other.
  queue_encryption = {
    sqs_managed_sse_enabled = var.kms_key_arn == null ? true : null
    kms_master_key_id       = var.kms_key_arn
  }

  kms_via_service = {
    for service in ["sqs", "dynamodb"] :
    service => "${service}.${data.aws_region.current.id}.${data.aws_partition.current.dns_suffix}"
  }

  # What the functions' roles need of the key, and only through the service that encrypts with it.
  # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
  kms_statements = {
    for function, statements in {
      api = [
        {
          # SQS makes data keys in the sender's name, and decrypts each once to check it.
          Sid       = "EncryptMessages"
          Effect    = "Allow"
          Action    = ["kms:GenerateDataKey", "kms:Decrypt"]
          Resource  = var.kms_key_arn
          Condition = { StringEquals = { "kms:ViaService" = local.kms_via_service.sqs } }
        },
      ]
      worker = [
        {
          # Lambda's pollers, too, receive with the worker's role.
          Sid       = "DecryptMessages"
          Effect    = "Allow"
          Action    = ["kms:Decrypt"]
          Resource  = var.kms_key_arn
          Condition = { StringEquals = { "kms:ViaService" = local.kms_via_service.sqs } }
        },
        {
          # DynamoDB decrypts the table's key in the name of whoever uses the table.
          Sid      = "UseTableKey"
          Effect   = "Allow"
          Action   = ["kms:Decrypt"]
          Resource = var.kms_key_arn
          Condition = {
            StringEquals = {
              "kms:ViaService"                                  = local.kms_via_service.dynamodb
              "kms:EncryptionContext:aws:dynamodb:tableName"    = local.names.table
              "kms:EncryptionContext:aws:dynamodb:subscriberId" = data.aws_caller_identity.current.account_id
            }
          }
        },
      ]
    } : function => [for statement in statements : statement if var.kms_key_arn != null]
  }
}
