# ---------------------------------------------------------------------------------------------
# Chaos: outages of DynamoDB and SQS
#
# FIS cannot inject errors into their APIs. Here an outage is a policy that denies the one call that
# the function needs. A Systems Manager automation attaches it to the function's role for a while.
# ---------------------------------------------------------------------------------------------

locals {
  outage_duration = "PT5M"
  # Leaves time to attach and detach. FIS cancels a longer automation, which also detaches.
  outage_max_duration = "PT10M"

  outages = {
    for name, outage in {
      dynamodb-outage = {
        role        = aws_iam_role.worker
        action      = "dynamodb:PutItem"
        resources   = [aws_dynamodb_table.processed_logs.arn]
        description = "The worker cannot write to the table: logs are retried until it can"
        # The attempts of a log outlast the outage, so that none reaches the DLQ.
        stop_alarms = local.chaos_stop_alarms.worker
      }
      sqs-outage = {
        role        = aws_iam_role.api
        action      = "sqs:SendMessage"
        resources   = [aws_sqs_queue.queue.arn, aws_sqs_queue.long_queue.arn]
        description = "The API cannot send to the queues: it answers 500 and accepts nothing"
        stop_alarms = local.chaos_stop_alarms.api
      }
    } : name => outage if var.enable_chaos
  }
}

# ---------------------------------------------------------------------------------------------
# Outages: policies
# ---------------------------------------------------------------------------------------------

# The policy exists beforehand. If the automation wrote it, its role could attach any policy; now it
# can attach only this one.
resource "aws_iam_policy" "outage" {
  for_each = local.outages

  name        = "${var.project}-${each.key}"
  description = "Attached while the experiment ${each.key} runs, and only then"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Outage"
      Effect   = "Deny"
      Action   = [each.value.action]
      Resource = each.value.resources
    }]
  })
}

# ---------------------------------------------------------------------------------------------
# Outages: automations
# ---------------------------------------------------------------------------------------------

# The last step always runs, also after a failure or a cancellation.
# https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-actions.html
resource "aws_ssm_document" "outage" {
  for_each = local.outages

  name            = "${var.project}-${each.key}"
  document_type   = "Automation"
  document_format = "JSON"

  content = jsonencode({
    schemaVersion = "0.3"
    description   = each.value.description
    assumeRole    = aws_iam_role.outage[0].arn
    mainSteps = [
      {
        name      = "Break"
        action    = "aws:executeAwsApi"
        inputs    = merge(local.outage_attachment[each.key], { Api = "AttachRolePolicy" })
        nextStep  = "Hold"
        onFailure = "step:Heal"
        onCancel  = "step:Heal"
      },
      {
        name      = "Hold"
        action    = "aws:sleep"
        inputs    = { Duration = local.outage_duration }
        nextStep  = "Heal"
        onFailure = "step:Heal"
        onCancel  = "step:Heal"
      },
      {
        name        = "Heal"
        action      = "aws:executeAwsApi"
        inputs      = merge(local.outage_attachment[each.key], { Api = "DetachRolePolicy" })
        maxAttempts = 5
        isEnd       = true
      },
    ]
  })
}

locals {
  outage_attachment = {
    for name, outage in local.outages : name => {
      Service   = "iam"
      RoleName  = outage.role.name
      PolicyArn = aws_iam_policy.outage[name].arn
    }
  }
}

# ---------------------------------------------------------------------------------------------
# Outages: role of the automations
# ---------------------------------------------------------------------------------------------

resource "aws_iam_role" "outage" {
  count = local.chaos_count

  name        = "${var.project}-outage"
  description = "Automations of the outages: attach and detach the policies of the outages"

  assume_role_policy = local.chaos_assume_role_policy.ssm
}

resource "aws_iam_role_policy" "outage" {
  count = local.chaos_count

  name = "${var.project}-outage"
  role = aws_iam_role.outage[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for name, outage in local.outages : {
        Effect    = "Allow"
        Action    = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
        Resource  = outage.role.arn
        Condition = { ArnEquals = { "iam:PolicyARN" = aws_iam_policy.outage[name].arn } }
      }
    ]
  })
}
