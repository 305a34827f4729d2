#!/usr/bin/env bash
# Validate the Terraform configuration and run its tests, with a mocked provider: they need no credentials
# and no network.
#
# Usage: scripts/terraform_test.sh [ARGUMENT OF terraform test...]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=local.sh
source "$(dirname "$0")/local.sh"

case ${1:-} in -h | --help) usage && exit ;; esac
# shellcheck source-path=SCRIPTDIR source=terraform_env.sh
source "$ROOT/scripts/terraform_env.sh"
# A folder of links leaves out what an AWS deployment keeps in infra/ (settings, state, providers).
work=$LOCAL/terraform-test
mkdir -p "$work"
find "$work" -maxdepth 1 -type l -delete
ln -s "$ROOT"/infra/*.tf "$ROOT/infra/tests" "$work/"
cd "$work"
export TF_IN_AUTOMATION=1
step "terraform init" terraform init -backend=false -input=false -no-color
terraform validate
terraform test "$@"
