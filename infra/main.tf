# ---------------------------------------------------------------------------------------------
# Provider
# ---------------------------------------------------------------------------------------------

provider "aws" {
  region = var.region

  # The provider checks the account before every operation, `destroy` and `-refresh-only` included,
  # where Terraform reports a failed postcondition as a mere warning.
  allowed_account_ids   = var.account_id == null ? null : [var.account_id]
  forbidden_account_ids = var.account_id == null ? [local.localstack_account_id] : null

  default_tags {
    tags = local.tags
  }
}

# ---------------------------------------------------------------------------------------------
# Where this runs
# ---------------------------------------------------------------------------------------------

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

# ---------------------------------------------------------------------------------------------
# Guard: a state is applied where it was created, nowhere else
# ---------------------------------------------------------------------------------------------

# Refreshing a state against another account or region finds nothing there, forgets every resource
# and plans a second stack. What was recorded at creation makes that an error.
resource "terraform_data" "home" {
  input = {
    account_id = data.aws_caller_identity.current.account_id
    region     = data.aws_region.current.name
  }

  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition     = self.output.account_id == data.aws_caller_identity.current.account_id
      error_message = <<-EOT
        This state belongs to account ${self.output.account_id}, but the provider reaches account ${data.aws_caller_identity.current.account_id} (${local.localstack_account_id} is LocalStack).
        If a localstack_providers_override.tf lies beside this configuration, a local run left it behind: remove it.
        If AWS_ENDPOINT_URL, AWS_PROFILE or the credentials point elsewhere, set them to account ${self.output.account_id}.
        For a stack in another account, use a state of its own: `terraform workspace new NAME`, or another backend key.
      EOT
    }

    postcondition {
      condition     = self.output.region == data.aws_region.current.name
      error_message = "This state belongs to region ${self.output.region}, but the provider reaches ${data.aws_region.current.name}. Set `region` back, or use a state of its own for another region: `terraform workspace new NAME`."
    }
  }
}
