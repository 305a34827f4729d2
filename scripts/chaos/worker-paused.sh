#!/usr/bin/env bash
# The event source mapping is disabled while logs flow.
#
# Usage: scripts/chaos/worker-paused.sh [--logs N] [--seed S] [--keep] [--report FILE]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

python_module e2e.chaos worker-paused "$@"
