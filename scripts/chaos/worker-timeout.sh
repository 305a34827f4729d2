#!/usr/bin/env bash
# Records hang for longer than the worker's timeout.
#
# Usage: scripts/chaos/worker-timeout.sh [--logs N] [--seed S] [--keep] [--report FILE]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

python_module e2e.chaos worker-timeout "$@"
