#!/usr/bin/env bash
# Every call of AWS and of the API takes 300 ms longer.
#
# Usage: scripts/chaos/slow-network.sh [--logs N] [--seed S] [--keep] [--report FILE]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

python_module e2e.chaos slow-network "$@"
