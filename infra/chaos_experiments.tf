# ---------------------------------------------------------------------------------------------
# Chaos: experiments
# ---------------------------------------------------------------------------------------------

locals {
  lambda_fault_duration = "PT5M"

  lambda_faults = {
    for name, fault in {
      api-error-before = {
        function    = "api"
        description = "Half of the API's invocations fail before the handler: they answer 500 and accept nothing"
        action      = "aws:lambda:invocation-error"
        parameters  = { preventExecution = "true", invocationPercentage = "50" }
      }
      api-error-after = {
        function    = "api"
        description = "Half of the API's invocations fail after the handler: they answer 500, but accept the log"
        action      = "aws:lambda:invocation-error"
        parameters  = { preventExecution = "false", invocationPercentage = "50" }
      }
      api-delay = {
        function    = "api"
        description = "Half of the API's invocations start too late and time out"
        action      = "aws:lambda:invocation-add-delay"
        parameters = {
          startupDelayMilliseconds = tostring((var.api_timeout_seconds + 1) * 1000)
          invocationPercentage     = "50"
        }
      }
      worker-error-before = {
        function    = "worker"
        description = "Half of the worker's invocations fail before the handler: their batches are retried"
        action      = "aws:lambda:invocation-error"
        parameters  = { preventExecution = "true", invocationPercentage = "50" }
      }
      worker-error-after = {
        function    = "worker"
        description = "Half of the worker's invocations fail after the handler, which has stored its batch"
        action      = "aws:lambda:invocation-error"
        parameters  = { preventExecution = "false", invocationPercentage = "50" }
      }
      worker-delay = {
        function    = "worker"
        description = "All of the worker's invocations start 30 seconds late"
        action      = "aws:lambda:invocation-add-delay"
        parameters  = { startupDelayMilliseconds = "30000", invocationPercentage = "100" }
      }
    } : name => fault if var.enable_chaos
  }

  # An experiment stops when one of these alarms fires. Alarms that its fault causes are left out, or
  # it would stop itself. FIS accepts at most five.
  chaos_stop_alarms = {
    api    = ["api-throttled", "dlq-not-empty", "queue-age", "worker-errors", "worker-failed"]
    worker = ["api-5xx", "api-throttled", "dlq-not-empty", "queue-age", "worker-throttled"]
  }
}

# ---------------------------------------------------------------------------------------------
# Experiments in the format of FIS
# ---------------------------------------------------------------------------------------------

locals {
  lambda_experiments = {
    for name, fault in local.lambda_faults : name => {
      description = fault.description
      stop_alarms = local.chaos_stop_alarms[fault.function]
      targets = {
        function = {
          ResourceType  = "aws:lambda:function"
          ResourceArns  = [fault.function == "api" ? aws_lambda_function.api.arn : aws_lambda_function.worker.arn]
          SelectionMode = "ALL"
        }
      }
      action = {
        ActionId   = fault.action
        Parameters = merge(fault.parameters, { duration = local.lambda_fault_duration })
        Targets    = { Functions = "function" }
      }
    }
  }

  outage_experiments = {
    for name, outage in local.outages : name => {
      description = outage.description
      stop_alarms = outage.stop_alarms
      targets     = {}
      action = {
        ActionId = "aws:ssm:start-automation-execution"
        Parameters = {
          documentArn = aws_ssm_document.outage[name].arn
          maxDuration = local.outage_max_duration
        }
      }
    }
  }
}

# aws_fis_experiment_template of provider 5.100 refuses the target key `Functions`, so CloudFormation
# creates the templates.
resource "aws_cloudformation_stack" "experiments" {
  count = local.chaos_count

  name = "${var.project}-experiments"

  template_body = jsonencode({
    Description = "FIS experiment templates"
    Resources = {
      for name, experiment in merge(local.lambda_experiments, local.outage_experiments) : local.logical_ids[name] => {
        Type = "AWS::FIS::ExperimentTemplate"
        Properties = {
          Description = experiment.description
          RoleArn     = aws_iam_role.fis[0].arn
          Targets     = experiment.targets
          Actions     = { fault = experiment.action }
          StopConditions = [
            for alarm in experiment.stop_alarms : {
              Source = "aws:cloudwatch:alarm"
              Value  = aws_cloudwatch_metric_alarm.this[alarm].arn
            }
          ]
          Tags = merge(local.tags, { Name = "${var.project}-${name}" })
        }
      }
    }
    Outputs = {
      for id in values(local.logical_ids) : id => { Value = { Ref = id } }
    }
  })
}

locals {
  # CloudFormation accepts only letters and digits: ApiErrorBefore.
  logical_ids = {
    for name in concat(keys(local.lambda_faults), keys(local.outages)) :
    name => replace(title(replace(name, "-", " ")), " ", "")
  }
}
