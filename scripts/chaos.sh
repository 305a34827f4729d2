#!/usr/bin/env bash
# Break the running stack on purpose, and check that nothing is lost.
#
# Usage: scripts/chaos.sh [EXPERIMENT...] [--logs N] [--seed S]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rdp.sh
source "$(dirname "$0")/rdp.sh"

rdp chaos run -- "$@"
