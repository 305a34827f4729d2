#!/usr/bin/env bash
# The worker's process is killed in the middle of a batch.
#
# Usage: scripts/chaos/worker-crash.sh [--logs N] [--seed S] [--keep] [--report FILE]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

python_module e2e.chaos worker-crash "$@"
