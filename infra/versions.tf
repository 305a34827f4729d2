# ---------------------------------------------------------------------------------------------
# Versions
# ---------------------------------------------------------------------------------------------

terraform {
  # Since 1.9 a variable's validation may refer to other variables.
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # What is deployed is what is tested. The configuration uses nothing that version 6 removes, by
      # https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-6-upgrade
      version = "= 5.100.0"
    }
  }
}
