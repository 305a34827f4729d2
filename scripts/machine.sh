# shellcheck shell=bash disable=SC2034 # the scripts that source this use its variables
# What this machine has: programs, listeners, processes. Sourced after local.sh, never run.

JAVA_MINIMUM=17

# What to do about a program that is missing: how_to_install PROGRAM
how_to_install() {
  local debian=$1 macos=$1
  case $1 in
    terraform)
      printf 'install 1.9 or later: https://developer.hashicorp.com/terraform/install (brew install hashicorp/tap/terraform)'
      return
      ;;
    python3-venv) debian=python3-venv macos=python3 ;;
    python3) debian='python3 python3-venv' ;;
    java) debian=openjdk-17-jre-headless macos=openjdk@17 ;;
    npm) macos=node ;;
  esac
  printf 'install it: apt-get install %s (Debian), brew install %s (macOS)' "$debian" "$macos"
}

# The programs that `make up` needs and that are missing, one a line: missing_programs RUNTIME
missing_programs() {
  local program wanted=(curl jq python3 terraform)
  # DynamoDB Local needs it
  if [ "$1" = embedded ] && [ ! -e "$DYNAMODB_JAR" ]; then wanted+=(java); fi
  for program in "${wanted[@]}"; do
    command -v "$program" >/dev/null || printf '%s\n' "$program"
  done
  # Debian splits it from python3; uv is installed with it
  if [ ! -x "$UV" ] && command -v python3 >/dev/null && ! python3 -c 'import ensurepip' 2>/dev/null; then
    printf 'python3-venv\n'
  fi
}

# Fail if a program is missing, with the command that installs it: need_programs RUNTIME
need_programs() {
  local program lines='' missing
  missing=$(missing_programs "$1")
  [ -n "$missing" ] || return 0
  while read -r program; do
    lines+=$'\n'"  $program: $(how_to_install "$program")"
  done <<<"$missing"
  die "these programs are missing, and nothing was installed or started:$lines"
}

# The major version of java, or nothing.
java_version() { java -version 2>&1 | sed -nE '1s/.*"([0-9]+).*/\1/p'; }

# What listens on a port: "container NAME", "NAME (pid N)", or words without either; nothing if it is free.
port_owner() {
  local port=$1 container owner
  container=$(docker ps --filter "publish=$port" --format 'container {{.Names}}' 2>/dev/null | head -n 1) || true
  if [ -n "$container" ]; then
    printf '%s' "$container"
  elif command -v ss >/dev/null; then
    owner=$(ss -Hltnp "sport = :$port" 2>/dev/null | head -n 1)
    case $owner in
      *users:*) sed -nE 's/.*users:\(\("([^"]+)",pid=([0-9]+).*/\1 (pid \2)/p' <<<"$owner" ;;
      ?*) printf 'a process of another user' ;;
    esac
  elif command -v lsof >/dev/null; then
    lsof -nP -iTCP:"$port" -sTCP:LISTEN -Fpc 2>/dev/null | tr '\n' ' ' | sed -E 's/p([0-9]+) .*c([^ ]+).*/\2 (pid \1)/'
  elif (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    printf 'another program'
  fi
}

FOR_ROOT_ONLY="is for root only: choose one above 1023, such as \`PORT=4600 make up\`"

# Whether this user may listen on a port: may_listen PORT
may_listen() {
  local first
  [ "$(id -u)" != 0 ] || return 0
  first=$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start 2>/dev/null) || first=1024
  [ "$1" -ge "$first" ]
}

# Say who has a port and how to go on: port_is_taken PORT OWNER
port_is_taken() {
  local remedy
  case $2 in
    "container "*) remedy="stop it (\`docker stop ${2#container }\`)" ;;
    *"(pid "*) remedy="stop it (\`kill $(sed -E 's/.*pid ([0-9]+).*/\1/' <<<"$2")\`; if it is the LocalStack of another checkout, \`make down\` there)" ;;
    *) remedy="find it (\`sudo ss -ltnp 'sport = :$1'\`) and stop it" ;;
  esac
  printf '%s' "taken by $2: $remedy, or use another port (\`PORT=$(free_port) make up\`)"
}

# Print a port that nothing listens on, nor on the next one.
free_port() {
  local port
  for port in 4600 4610 4620 4630 4640 4650; do
    [ -n "$(port_owner "$port")$(port_owner "$((port + 1))")" ] || break
  done
  printf '%s' "$port"
}

# Print the ids of the processes that have these arguments, exactly and one after the other, in their command
# line. It finds nothing on systems other than Linux. processes_with ARGUMENT...
processes_with() {
  local IFS=$'\x1f' file found wanted
  wanted=$IFS$*$IFS
  for file in /proc/[0-9]*/cmdline; do
    { mapfile -d '' -t found <"$file"; } 2>/dev/null || continue
    case $IFS${found[*]}$IFS in
      *"$wanted"*)
        file=${file%/cmdline}
        printf '%s\n' "${file##*/}"
        ;;
    esac
  done
}
