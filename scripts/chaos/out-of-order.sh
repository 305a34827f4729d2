#!/usr/bin/env bash
# Messages become visible in another order than they were sent.
#
# Usage: scripts/chaos/out-of-order.sh [--logs N] [--seed S] [--keep] [--report FILE]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

python_module e2e.chaos out-of-order "$@"
