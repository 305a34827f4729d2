#!/usr/bin/env bash
# Validate the Terraform configuration and run its tests: a mocked provider, no credentials, no network.
#
# Usage: scripts/terraform_test.sh [ARGUMENT OF terraform test...]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=local.sh
source "$(dirname "$0")/local.sh"

case ${1:-} in -h | --help) usage && exit ;; esac
# shellcheck source-path=SCRIPTDIR source=terraform_env.sh
source "$ROOT/scripts/terraform_env.sh"
# a data folder of its own: an AWS deployment's backend and modules stay as they are
export TF_DATA_DIR=$LOCAL/terraform-test TF_IN_AUTOMATION=1
mkdir -p "$LOCAL"
cd "$ROOT/infra"
step "terraform init" terraform init -backend=false -input=false -no-color
terraform validate
terraform test "$@"
