#!/usr/bin/env bash
# Four of five writes to the table are throttled.
#
# Usage: scripts/chaos/dynamodb-throttle.sh [--logs N] [--seed S] [--keep] [--report FILE]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

python_module e2e.chaos dynamodb-throttle "$@"
