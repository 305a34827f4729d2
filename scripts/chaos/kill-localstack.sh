#!/usr/bin/env bash
# LocalStack is killed (SIGKILL) while logs flow, and started again.
#
# Usage: scripts/chaos/kill-localstack.sh [--logs N] [--seed S] [--keep] [--report FILE]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

python_module e2e.chaos kill-localstack "$@"
