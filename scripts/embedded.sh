# shellcheck shell=bash
# LocalStack as a process, by the command of emulator/. Sourced after local.sh, never run.

SERVERLESS=$ROOT/emulator/.venv/bin/localstack-serverless

start_embedded() {
  [ "$(uname -s)" = Linux ] || die "the embedded LocalStack needs Linux: start a Docker engine, and \`make up RUNTIME=docker\`"
  [ -x "$SERVERLESS" ] || die "$SERVERLESS is missing: run \`make up\`"
  # the command ends what it started
  trap abandoned INT TERM
  env "$(grep '^SERVICES=' "$ROOT/scripts/localstack.env")" \
    "$SERVERLESS" start --detach --no-exports --port "$(local_port)"
  trap - INT TERM
}

# The process id may belong to another process by now, even to the LocalStack of another checkout.
embedded_runs() {
  local pid
  pid=$(cat "$LOCAL/localstack.pid" 2>/dev/null) || return 1
  tr '\0' '\n' 2>/dev/null <"/proc/$pid/environ" | grep -qxF "FILESYSTEM_ROOT=$LOCAL/volume"
}

stop_embedded() { "$SERVERLESS" stop; }
kill_embedded() { "$SERVERLESS" kill; }
