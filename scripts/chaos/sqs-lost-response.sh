#!/usr/bin/env bash
# The queue takes every message, and the API never hears of it: 500, yet the message exists.
#
# Usage: scripts/chaos/sqs-lost-response.sh [--logs N] [--seed S] [--keep] [--report FILE]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

python_module e2e.chaos sqs-lost-response "$@"
