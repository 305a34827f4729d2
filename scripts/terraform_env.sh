# shellcheck shell=bash
# Make `terraform init` find the AWS provider: in the registry if it can be reached, else in a filesystem
# mirror found by its layout, else as the user configured it. Sourced, never run.
#
# A TF_CLI_CONFIG_FILE that exists is used as it is. TF_PLUGIN_MIRROR names a mirror to use.

_terraform_env() {
  local root rc version platform mirror
  if [ -f "${TF_CLI_CONFIG_FILE:-}" ]; then
    return
  fi
  unset TF_CLI_CONFIG_FILE

  root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
  rc=$root/.local/terraform.rc
  version=$(sed -n '/hashicorp\/aws/,/}/s/.*version *= *"= *\([0-9.]*\)".*/\1/p' "$root/infra/versions.tf")
  platform=$(_terraform_platform)

  if [ -n "${TF_PLUGIN_MIRROR:-}" ]; then
    if ! _terraform_mirror_has "$TF_PLUGIN_MIRROR" "$version" "$platform"; then
      printf 'TF_PLUGIN_MIRROR is %s, but registry.terraform.io/hashicorp/aws/%s/%s is not in it\n' \
        "$TF_PLUGIN_MIRROR" "$version" "$platform" >&2
      return 1
    fi
    mirror=$TF_PLUGIN_MIRROR
  else
    # The mirror that an earlier run found is used as long as it is there.
    mirror=$(sed -n 's/.*path *= *"\(.*\)"/\1/p' "$rc" 2>/dev/null) || true
    if ! _terraform_mirror_has "$mirror" "$version" "$platform"; then
      rm -f "$rc"
      if _terraform_registry_answers; then
        _terraform_use_plugin_cache "$root/.local/terraform-plugins"
        return
      fi
      mirror=$(_terraform_find_mirror "$root/.local/terraform-plugins" "$version" "$platform") || return 0
    fi
  fi
  _terraform_use_mirror "$mirror" "$rc"
}

_terraform_platform() {
  local os arch
  os=$(uname -s | tr '[:upper:]' '[:lower:]')
  arch=$(uname -m)
  case $arch in
    x86_64) arch=amd64 ;;
    aarch64) arch=arm64 ;;
  esac
  printf '%s_%s' "$os" "$arch"
}

_terraform_mirror_has() {
  [ -n "$1" ] && [ -d "$1/registry.terraform.io/hashicorp/aws/$2/$3" ]
}

_terraform_registry_answers() {
  curl -fsS -o /dev/null --max-time 3 https://registry.terraform.io/.well-known/terraform.json 2>/dev/null
}

# Look where an earlier run downloaded to, then where people and packages put add-on software: in the
# folder itself, and one or two levels below it.
_terraform_find_mirror() {
  local place
  for place in "$1" "$HOME/.terraform.d/plugins" "$HOME/.terraform.d/plugin-cache" \
    /usr/local/share/terraform/plugins /usr/share/terraform /usr/share/terraform/* \
    /opt /opt/* /opt/*/* /usr/local /usr/local/* /usr/local/*/*; do
    if _terraform_mirror_has "$place" "$2" "$3"; then
      printf '%s' "$place"
      return
    fi
  done
  return 1
}

_terraform_use_mirror() {
  mkdir -p "$(dirname "$2")"
  printf 'provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' "$1" >"$2.$$"
  mv "$2.$$" "$2"
  export TF_CLI_CONFIG_FILE=$2
}

# The provider unpacks to 600 MB, so the local and the AWS working folder share one download.
_terraform_use_plugin_cache() {
  export TF_PLUGIN_CACHE_DIR=${TF_PLUGIN_CACHE_DIR:-$1}
  export TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE=true
  mkdir -p "$TF_PLUGIN_CACHE_DIR"
}

_terraform_env
