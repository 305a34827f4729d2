#!/usr/bin/env bash
# Messages that kill the process that processes them, among healthy ones.
#
# Usage: scripts/chaos/poison-among-neighbours.sh [--logs N] [--seed S] [--keep] [--report FILE]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

python_module e2e.chaos poison-among-neighbours "$@"
