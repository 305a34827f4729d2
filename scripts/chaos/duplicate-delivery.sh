#!/usr/bin/env bash
# Half of the messages are delivered once more.
#
# Usage: scripts/chaos/duplicate-delivery.sh [--logs N] [--seed S] [--keep] [--report FILE]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

python_module e2e.chaos duplicate-delivery "$@"
