#!/usr/bin/env bash
# The queue refuses every message: the API answers 500, and nothing is half accepted.
#
# Usage: scripts/chaos/sqs-outage.sh [--logs N] [--seed S] [--keep] [--report FILE]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

python_module e2e.chaos sqs-outage "$@"
