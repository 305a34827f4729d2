#!/usr/bin/env bash
# Messages that no attempt can process.
#
# Usage: scripts/chaos/poison-message.sh [--logs N] [--seed S] [--keep] [--report FILE]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

python_module e2e.chaos poison-message "$@"
