# The version of the provider with which local runs and tests work: the emulator is tested with it. Scripts
# link this file beside the configuration, where Terraform lets it override versions.tf.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "= 5.100.0"
    }
  }
}
