#!/usr/bin/env bash
# Crashes, poison, throttling, lost answers, duplicates, disorder and latency, overlapping.
#
# Usage: scripts/chaos/everything-at-once.sh [--logs N] [--seed S] [--keep] [--report FILE]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

python_module e2e.chaos everything-at-once "$@"
