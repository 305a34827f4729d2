#!/usr/bin/env bash
# Look at the dead-letter queue, and move its messages back once their cause is gone.
#
# Usage: scripts/dlq.sh list [--transient] | redrive [--transient] [--rate N] | purge

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rdp.sh
source "$(dirname "$0")/rdp.sh"

rdp dlq -- "$@"
