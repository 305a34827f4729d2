# ---------------------------------------------------------------------------------------------
# Versions
# ---------------------------------------------------------------------------------------------

terraform {
  # Since 1.9 a variable's validation may refer to other variables.
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # Only 5.100.0 is tested: local runs and tests are bound to it (env/provider_override.tf). The
      # configuration uses nothing that version 6 removes; its upgrade guide was the measure:
      # https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-6-upgrade
      version = ">= 5.100.0, < 7.0.0"
    }
  }
}
