# ---------------------------------------------------------------------------------------------
# Provider
# ---------------------------------------------------------------------------------------------

provider "aws" {
  region = var.region

  # The provider checks the account before every operation. Postconditions are not enough: with
  # `destroy` and `-refresh-only` Terraform reports a failed one only as a warning.
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

# Its `id` is the name of the region: version 6 of the provider deprecates `name`, and 5 has no `region`.
data "aws_region" "current" {}

# ---------------------------------------------------------------------------------------------
# Guard: a state is only applied where it was created
# ---------------------------------------------------------------------------------------------

# Against another account or region, a refresh would find no resources, forget all of them and plan a
# second stack. Comparing with the place recorded at creation turns that into an error.
resource "terraform_data" "home" {
  input = {
    account_id = data.aws_caller_identity.current.account_id
    region     = data.aws_region.current.id
  }

  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition     = self.output.account_id == data.aws_caller_identity.current.account_id
      error_message = <<-EOT
        This state belongs to account ${self.output.account_id}, but the provider reaches account ${data.aws_caller_identity.current.account_id} (${local.localstack_account_id} is LocalStack).
        If there is a localstack_providers_override.tf beside this configuration, a local run left it behind: remove it.
        If AWS_ENDPOINT_URL, AWS_PROFILE or the credentials point elsewhere, set them to account ${self.output.account_id}.
        For a stack in another account, use a separate state: `terraform workspace new NAME`, or another backend key.
      EOT
    }

    postcondition {
      condition     = self.output.region == data.aws_region.current.id
      error_message = "This state belongs to region ${self.output.region}, but the provider reaches ${data.aws_region.current.id}. Set `region` back, or use a separate state for another region: `terraform workspace new NAME`."
    }
  }
}
