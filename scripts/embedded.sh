# shellcheck shell=bash
# LocalStack as a process: how scripts/localstack.sh starts, finds and ends it. Sourced, never run.

pid_file=$LOCAL/localstack.pid
python=$ROOT/emulator/.venv/bin/python
STOP_SECONDS=30

start_embedded() {
  local address
  address=localhost:$(local_port)
  [ "$(uname -s)" = Linux ] || die "the embedded LocalStack needs Linux: start a Docker engine, and \`make up RUNTIME=docker\`"
  mkdir -p "$LOCAL/tmp"
  trap abandon_embedded INT TERM
  # LocalStack takes some machines for a container, and would write to system folders.
  # The AWS settings of the user's shell are not for the emulator.
  env -u AWS_CA_BUNDLE -u AWS_PROFILE -u AWS_ENDPOINT_URL \
    OVERRIDE_IN_DOCKER=0 FILESYSTEM_ROOT="$LOCAL/volume" TMPDIR="$LOCAL/tmp" \
    GATEWAY_LISTEN="127.0.0.1:${address#*:}" LOCALSTACK_HOST="$address" \
    LS_LOG="${LS_LOG:-warn}" DISABLE_EVENTS=1 SKIP_SSL_CERT_DOWNLOAD=1 DNS_ADDRESS=0 \
    LAMBDA_RUNTIME_EXECUTOR=process LAMBDA_RUNTIMES_DIR="$LOCAL/runtimes" \
    LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC=0 PERSISTENCE=1 \
    EAGER_SERVICE_LOADING=1 SERVICES=apigatewayv2,cloudwatch,dynamodb,iam,lambda,logs,s3,sqs,sts \
    PYTHONWARNINGS=ignore \
    setsid "$python" -m localstack.runtime.main >"$LOG_FILE" 2>&1 </dev/null &
  STARTED=$!
  printf '%s' "$STARTED" >"$pid_file"
  wait_until_ready process_runs embedded
  trap - INT TERM
}

# While it starts, LocalStack ignores SIGTERM; it has nothing to lose yet.
abandon_embedded() {
  if [ -n "${STARTED:-}" ]; then
    kill -KILL -- "-$STARTED" 2>/dev/null || kill -KILL "$STARTED" 2>/dev/null || true
    # the shell would report that it was killed
    wait "$STARTED" 2>/dev/null || true
  fi
  stop_dynamodb
  abandoned
}

process_runs() { kill -0 "$STARTED" 2>/dev/null; }

# The process id may belong to another process by now, even to the LocalStack of another checkout.
embedded_pid() {
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) || return 1
  grep -qxF "$pid" <<<"$(processes_with "$python" -m localstack.runtime.main)" || return 1
  printf '%s' "$pid"
}

stop_embedded() {
  local pid began=$SECONDS
  pid=$(embedded_pid) || { say "ok LocalStack does not run"; return; }
  kill -TERM "$pid" 2>/dev/null || true
  # the functions' processes end with LocalStack
  while group_runs "$pid"; do
    [ $((SECONDS - began)) -lt $STOP_SECONDS ] || kill -KILL -- "-$pid" 2>/dev/null || true
    progress "$began" "stopping LocalStack"
    sleep 0.2
  done
  stop_dynamodb
  say "ok LocalStack stopped ($((SECONDS - began)) s)"
}

kill_embedded() {
  local pid
  pid=$(embedded_pid)
  kill -KILL -- "-$pid"
  stop_dynamodb
  # the system takes its time to end many processes
  while group_runs "$pid"; do sleep 0.1; done
}

# Whether a process of the group is there: group_runs GROUP
group_runs() { kill -0 -- "-$1" 2>/dev/null; }

# LocalStack stops its DynamoDB Local, unless it was killed.
stop_dynamodb() { kill_processes_with -jar "$DYNAMODB_JAR"; }
