#!/usr/bin/env bash
# Half of the writes happen, and the worker never hears of it.
#
# Usage: scripts/chaos/dynamodb-lost-response.sh [--logs N] [--seed S] [--keep] [--report FILE]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

python_module e2e.chaos dynamodb-lost-response "$@"
