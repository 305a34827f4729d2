# ---------------------------------------------------------------------------------------------
# A state of AWS is not applied to LocalStack, nor to another account or region
# ---------------------------------------------------------------------------------------------

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_dir = "./tests/packages"
}

run "created_on_aws" {
  assert {
    condition     = terraform_data.home.output == { account_id = "123456789012", region = "us-east-1" }
    error_message = "The state must record where it was created."
  }
}

run "refuses_localstack" {
  command = plan

  override_data {
    target = data.aws_caller_identity.current
    values = { account_id = "000000000000" }
  }

  expect_failures = [terraform_data.home]
}

run "refuses_another_account" {
  command = plan

  override_data {
    target = data.aws_caller_identity.current
    values = { account_id = "210987654321" }
  }

  expect_failures = [terraform_data.home]
}

run "refuses_another_region" {
  command = plan

  override_data {
    target = data.aws_region.current
    values = { id = "eu-central-1" }
  }

  expect_failures = [terraform_data.home]
}

run "applies_again_where_it_was_created" {
  command = plan

  assert {
    condition     = terraform_data.home.output.account_id == "123456789012"
    error_message = "A refused plan must not change the recorded place."
  }
}
