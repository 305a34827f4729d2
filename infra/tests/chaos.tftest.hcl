# ---------------------------------------------------------------------------------------------
# FIS experiments: off by default, and with least privilege
# ---------------------------------------------------------------------------------------------

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_dir = "./tests/packages"
}

override_data {
  target = data.aws_ssm_parameter.fis_extension
  values = { insecure_value = "arn:aws:lambda:us-east-1:210987654321:layer:aws-fis-extension-arm64:9" }
}

override_resource {
  target = aws_s3_bucket.chaos
  values = { arn = "arn:aws:s3:::robust-data-processor-fis-123456789012" }
}

override_resource {
  target = aws_iam_role.fis
  values = { arn = "arn:aws:iam::123456789012:role/robust-data-processor-fis" }
}

override_resource {
  target = aws_iam_role.outage
  values = { arn = "arn:aws:iam::123456789012:role/robust-data-processor-outage" }
}

override_resource {
  target = aws_iam_policy.outage["dynamodb-outage"]
  values = { arn = "arn:aws:iam::123456789012:policy/robust-data-processor-dynamodb-outage" }
}

override_resource {
  target = aws_iam_policy.outage["sqs-outage"]
  values = { arn = "arn:aws:iam::123456789012:policy/robust-data-processor-sqs-outage" }
}

override_resource {
  target = aws_cloudformation_stack.experiments
  values = {
    outputs = {
      ApiErrorBefore    = "EXT1"
      ApiErrorAfter     = "EXT2"
      ApiDelay          = "EXT3"
      WorkerErrorBefore = "EXT4"
      WorkerErrorAfter  = "EXT5"
      WorkerDelay       = "EXT6"
      DynamodbOutage    = "EXT7"
      SqsOutage         = "EXT8"
    }
  }
}

run "off" {
  command = plan

  assert {
    condition = alltrue([
      for resources in [
        data.aws_ssm_parameter.fis_extension,
        aws_s3_bucket.chaos,
        aws_s3_bucket_public_access_block.chaos,
        aws_s3_bucket_server_side_encryption_configuration.chaos,
        aws_s3_bucket_lifecycle_configuration.chaos,
        values(aws_iam_role_policy.chaos),
        aws_iam_role.fis,
        aws_iam_role_policy.fis,
        values(aws_iam_policy.outage),
        values(aws_ssm_document.outage),
        aws_iam_role.outage,
        aws_iam_role_policy.outage,
        aws_cloudformation_stack.experiments,
      ] : length(resources) == 0
    ])
    error_message = "Without `enable_chaos` there must be no chaos resources."
  }

  assert {
    condition     = aws_lambda_function.api.layers == null && aws_lambda_function.worker.layers == null
    error_message = "Without `enable_chaos` the functions must have no layer."
  }

  assert {
    condition     = output.experiment_template_ids == null
    error_message = "Without `enable_chaos` there must be no output for it: even that would be a change."
  }
}

run "refused_on_localstack" {
  command = plan

  variables {
    account_id   = "000000000000"
    enable_chaos = true
  }

  expect_failures = [var.enable_chaos]
}

# Applied, so that the following runs know every ARN.
run "on" {
  variables {
    enable_chaos = true
  }

  assert {
    condition = output.experiment_template_ids == {
      api-error-before    = "EXT1"
      api-error-after     = "EXT2"
      api-delay           = "EXT3"
      worker-error-before = "EXT4"
      worker-error-after  = "EXT5"
      worker-delay        = "EXT6"
      dynamodb-outage     = "EXT7"
      sqs-outage          = "EXT8"
    }
    error_message = "The output must name every experiment's template."
  }
}

run "functions" {
  command = plan

  variables {
    enable_chaos = true
  }

  assert {
    condition     = data.aws_ssm_parameter.fis_extension[0].name == "/aws/service/fis/lambda-extension/AWS-FIS-extension-arm64/1.x.x"
    error_message = "The extension must be that of the functions' architecture."
  }

  assert {
    condition = alltrue([
      for function in [aws_lambda_function.api, aws_lambda_function.worker] :
      function.layers == tolist(["arn:aws:lambda:us-east-1:210987654321:layer:aws-fis-extension-arm64:9"])
      && function.environment[0].variables["AWS_LAMBDA_EXEC_WRAPPER"] == "/opt/aws-fis/bootstrap"
      && function.environment[0].variables["AWS_FIS_CONFIGURATION_LOCATION"] == "arn:aws:s3:::robust-data-processor-fis-123456789012/FisConfigs/"
      && function.environment[0].variables["AWS_FIS_POLL_MAX_WAIT_MILLISECONDS"] == "2000"
      && function.environment[0].variables["POWERTOOLS_LOG_LEVEL"] == "INFO"
    ])
    error_message = "Both functions must have the extension, its wrapper and its bucket, in addition to their own settings."
  }

  assert {
    condition = alltrue([
      for policy in values(aws_iam_role_policy.chaos) : jsondecode(policy.policy).Statement == [
        {
          Sid       = "ListFaults"
          Effect    = "Allow"
          Action    = ["s3:ListBucket"]
          Resource  = "arn:aws:s3:::robust-data-processor-fis-123456789012"
          Condition = { StringLike = { "s3:prefix" = "FisConfigs/*" } }
        },
        {
          Sid      = "ReadFaults"
          Effect   = "Allow"
          Action   = ["s3:GetObject"]
          Resource = "arn:aws:s3:::robust-data-processor-fis-123456789012/FisConfigs/*"
        },
      ]
    ])
    error_message = "The functions may only read the active faults."
  }

  assert {
    condition     = { for name, policy in aws_iam_role_policy.chaos : name => policy.role } == { api = aws_iam_role.api.id, worker = aws_iam_role.worker.id }
    error_message = "Both functions' roles must be able to read the active faults."
  }
}

run "bucket" {
  command = plan

  variables {
    enable_chaos = true
  }

  assert {
    condition = alltrue([
      for block in [aws_s3_bucket_public_access_block.chaos[0]] :
      block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets
    ])
    error_message = "The bucket must be private."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.chaos[0].rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "The bucket must be encrypted."
  }

  assert {
    condition = (
      aws_s3_bucket_lifecycle_configuration.chaos[0].rule[0].status == "Enabled"
      && aws_s3_bucket_lifecycle_configuration.chaos[0].rule[0].expiration[0].days == 1
      && aws_s3_bucket_lifecycle_configuration.chaos[0].rule[0].filter[0].prefix == "FisConfigs/"
    )
    error_message = "Files that FIS leaves behind must expire."
  }

  assert {
    condition     = aws_s3_bucket.chaos[0].force_destroy
    error_message = "A fault left behind must not keep the bucket from being removed."
  }
}

run "experiments" {
  command = plan

  variables {
    enable_chaos        = true
    api_timeout_seconds = 20
  }

  assert {
    condition = {
      for id, template in jsondecode(aws_cloudformation_stack.experiments[0].template_body).Resources :
      id => {
        action     = template.Properties.Actions.fault.ActionId
        parameters = template.Properties.Actions.fault.Parameters
        function   = one(template.Properties.Targets.function.ResourceArns)
      } if startswith(template.Properties.Actions.fault.ActionId, "aws:lambda:")
      } == {
      ApiErrorBefore = {
        action     = "aws:lambda:invocation-error"
        parameters = { duration = "PT5M", invocationPercentage = "50", preventExecution = "true" }
        function   = aws_lambda_function.api.arn
      }
      ApiErrorAfter = {
        action     = "aws:lambda:invocation-error"
        parameters = { duration = "PT5M", invocationPercentage = "50", preventExecution = "false" }
        function   = aws_lambda_function.api.arn
      }
      ApiDelay = {
        action     = "aws:lambda:invocation-add-delay"
        parameters = { duration = "PT5M", invocationPercentage = "50", startupDelayMilliseconds = "21000" }
        function   = aws_lambda_function.api.arn
      }
      WorkerErrorBefore = {
        action     = "aws:lambda:invocation-error"
        parameters = { duration = "PT5M", invocationPercentage = "50", preventExecution = "true" }
        function   = aws_lambda_function.worker.arn
      }
      WorkerErrorAfter = {
        action     = "aws:lambda:invocation-error"
        parameters = { duration = "PT5M", invocationPercentage = "50", preventExecution = "false" }
        function   = aws_lambda_function.worker.arn
      }
      WorkerDelay = {
        action     = "aws:lambda:invocation-add-delay"
        parameters = { duration = "PT5M", invocationPercentage = "100", startupDelayMilliseconds = "30000" }
        function   = aws_lambda_function.worker.arn
      }
    }
    error_message = "A Lambda experiment is missing or wrong."
  }

  assert {
    condition = alltrue([
      for template in values(jsondecode(aws_cloudformation_stack.experiments[0].template_body).Resources) :
      template.Type == "AWS::FIS::ExperimentTemplate"
      && template.Properties.RoleArn == aws_iam_role.fis[0].arn
      && alltrue([
        for target in values(template.Properties.Targets) :
        target.ResourceType == "aws:lambda:function" && keys(template.Properties.Actions.fault.Targets) == ["Functions"]
      ])
    ])
    error_message = "Every template must use FIS's role and target functions by ARN."
  }

  assert {
    condition = {
      for id, template in jsondecode(aws_cloudformation_stack.experiments[0].template_body).Resources :
      id => toset(template.Properties.StopConditions[*].Value)
      } == {
      for id, alarms in {
        ApiErrorBefore    = ["api-throttled", "dlq-not-empty", "queue-age", "worker-errors", "worker-failed"]
        ApiErrorAfter     = ["api-throttled", "dlq-not-empty", "queue-age", "worker-errors", "worker-failed"]
        ApiDelay          = ["api-throttled", "dlq-not-empty", "queue-age", "worker-errors", "worker-failed"]
        SqsOutage         = ["api-throttled", "dlq-not-empty", "queue-age", "worker-errors", "worker-failed"]
        WorkerErrorBefore = ["api-5xx", "api-throttled", "dlq-not-empty", "queue-age", "worker-throttled"]
        WorkerErrorAfter  = ["api-5xx", "api-throttled", "dlq-not-empty", "queue-age", "worker-throttled"]
        WorkerDelay       = ["api-5xx", "api-throttled", "dlq-not-empty", "queue-age", "worker-throttled"]
        DynamodbOutage    = ["api-5xx", "api-throttled", "dlq-not-empty", "queue-age", "worker-throttled"]
      } : id => toset([for alarm in alarms : aws_cloudwatch_metric_alarm.this[alarm].arn])
    }
    error_message = "An experiment must stop when it does harm beyond its fault, but not because of the fault itself."
  }

  assert {
    condition = alltrue([
      for template in values(jsondecode(aws_cloudformation_stack.experiments[0].template_body).Resources) :
      alltrue([for condition in template.Properties.StopConditions : condition.Source == "aws:cloudwatch:alarm"])
      && length(template.Properties.StopConditions) <= 5
    ])
    error_message = "FIS accepts at most 5 alarms as stop conditions."
  }
}

run "outages" {
  command = plan

  variables {
    enable_chaos = true
  }

  assert {
    condition = {
      for name, policy in aws_iam_policy.outage : name => jsondecode(policy.policy).Statement
      } == {
      dynamodb-outage = [{ Sid = "Outage", Effect = "Deny", Action = ["dynamodb:PutItem"], Resource = [aws_dynamodb_table.processed_logs.arn] }]
      sqs-outage      = [{ Sid = "Outage", Effect = "Deny", Action = ["sqs:SendMessage"], Resource = [aws_sqs_queue.queue.arn, aws_sqs_queue.long_queue.arn] }]
    }
    error_message = "An outage must deny one call to one resource, and grant nothing."
  }

  assert {
    condition = {
      for name, document in aws_ssm_document.outage : name => [
        for step in jsondecode(document.content).mainSteps : step.inputs if step.action == "aws:executeAwsApi"
      ]
      } == {
      for name, role in { dynamodb-outage = aws_iam_role.worker.name, sqs-outage = aws_iam_role.api.name } : name => [
        for api in ["AttachRolePolicy", "DetachRolePolicy"] : {
          Service   = "iam"
          Api       = api
          RoleName  = role
          PolicyArn = aws_iam_policy.outage[name].arn
        }
      ]
    }
    error_message = "An automation must detach the policy that it attaches, from the same role."
  }

  assert {
    condition = alltrue([
      for document in values(aws_ssm_document.outage) : alltrue([
        for steps in [jsondecode(document.content).mainSteps] :
        steps[*].name == ["Break", "Hold", "Heal"]
        && alltrue([for step in slice(steps, 0, 2) : step.onFailure == "step:Heal" && step.onCancel == "step:Heal"])
        && steps[1].inputs.Duration == "PT5M"
        && steps[2].isEnd
        && jsondecode(document.content).assumeRole == aws_iam_role.outage[0].arn
      ])
    ])
    error_message = "An automation must heal however it ends, and use its own role."
  }

  assert {
    condition = {
      for id in ["DynamodbOutage", "SqsOutage"] :
      id => jsondecode(aws_cloudformation_stack.experiments[0].template_body).Resources[id].Properties.Actions.fault
      } == {
      for id, name in { DynamodbOutage = "dynamodb-outage", SqsOutage = "sqs-outage" } : id => {
        ActionId                       = "aws:ssm:start-automation-execution"
        Parameters                     = { documentArn = aws_ssm_document.outage[name].arn, maxDuration = "PT10M" }
      }
    }
    error_message = "An outage's experiment must start its automation, and leave time to heal."
  }
}

run "chaos_roles" {
  command = plan

  variables {
    enable_chaos = true
  }

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.fis[0].policy).Statement :
      join(" ", statement.Action) => toset(statement.Resource)
      } == {
      "s3:PutObject s3:DeleteObject" = toset(["arn:aws:s3:::robust-data-processor-fis-123456789012/FisConfigs/*"])
      "lambda:GetFunction"           = toset([aws_lambda_function.api.arn, aws_lambda_function.worker.arn])
      "tag:GetResources"             = toset(["*"])
      "ssm:StartAutomationExecution" = toset([
        "arn:aws:ssm:us-east-1:123456789012:document/robust-data-processor-dynamodb-outage",
        "arn:aws:ssm:us-east-1:123456789012:automation-definition/robust-data-processor-dynamodb-outage:*",
        "arn:aws:ssm:us-east-1:123456789012:document/robust-data-processor-sqs-outage",
        "arn:aws:ssm:us-east-1:123456789012:automation-definition/robust-data-processor-sqs-outage:*",
      ])
      "ssm:GetAutomationExecution ssm:StopAutomationExecution" = toset(["arn:aws:ssm:us-east-1:123456789012:automation-execution/*"])
      "iam:PassRole"                                           = toset([aws_iam_role.outage[0].arn])
    }
    error_message = "FIS may only write faults, look up its targets and run the outages' automations."
  }

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.outage[0].policy).Statement :
      statement.Resource => [toset(statement.Action), statement.Condition]
      } == {
      (aws_iam_role.worker.arn) = [
        toset(["iam:AttachRolePolicy", "iam:DetachRolePolicy"]),
        { ArnEquals = { "iam:PolicyARN" = aws_iam_policy.outage["dynamodb-outage"].arn } },
      ]
      (aws_iam_role.api.arn) = [
        toset(["iam:AttachRolePolicy", "iam:DetachRolePolicy"]),
        { ArnEquals = { "iam:PolicyARN" = aws_iam_policy.outage["sqs-outage"].arn } },
      ]
    }
    error_message = "An automation may attach and detach only its outage's policy: otherwise it could grant anything."
  }

  assert {
    condition = {
      for name, role in { fis = aws_iam_role.fis[0], outage = aws_iam_role.outage[0] } :
      name => one(jsondecode(role.assume_role_policy).Statement)
      } == {
      for name, service in { fis = "fis", outage = "ssm" } : name => {
        Effect                   = "Allow"
        Action                   = "sts:AssumeRole"
        Principal                = { Service = "${service}.amazonaws.com" }
        Condition = {
          StringEquals = { "aws:SourceAccount" = "123456789012" }
          ArnLike = {
            "aws:SourceArn" = {
              fis = "arn:aws:fis:us-east-1:123456789012:experiment/*"
              ssm = "arn:aws:ssm:us-east-1:123456789012:automation-execution/*"
            }[service]
          }
        }
      }
    }
    error_message = "Only FIS and Systems Manager may assume the roles, and only for this account's experiments."
  }
}
