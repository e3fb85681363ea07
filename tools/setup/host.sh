# What the host must have for real containers: Docker Engine, HAProxy, iproute2, nftables.
# As root on Debian it is installed; otherwise one sentence says the command. With `test`, what the tests ask
# and look with as well.

missing_packages() {
  missing=""
  have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || [ -x "/sbin/$1" ]; }
  have dockerd || docker_answers || missing="$missing docker.io"
  have docker || case "$missing" in *docker.io*) ;; *) missing="$missing docker.io" ;; esac
  have haproxy || missing="$missing haproxy"
  have ip || missing="$missing iproute2"
  have nft || missing="$missing nftables"
  have nsenter || missing="$missing util-linux"
  [ "${1-}" = test ] || return 0
  have curl || missing="$missing curl"
  have pgrep && have sysctl || missing="$missing procps"
}

docker_answers() {
  [ -S /var/run/docker.sock ] && command -v docker >/dev/null 2>&1 && docker version >/dev/null 2>&1
}

prepare_host() {
  missing_packages "${1-}"
  [ -z "$missing" ] && return 0
  command="apt-get install --yes --no-install-recommends$missing"
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "neargate: the host lacks$missing; install with: sudo $command" >&2
    return 1
  fi
  echo "neargate: installing$missing" >&2
  apt-get update -qq >&2 || true
  # A package must not start its service here: the engine runs its own processes.
  policy=/usr/sbin/policy-rc.d
  made_policy=""
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod 755 "$policy" && made_policy=1
  fi
  status=0
  DEBIAN_FRONTEND=noninteractive $command -qq >/dev/null || status=$?
  [ -n "$made_policy" ] && rm -f "$policy"
  [ "$status" = 0 ] || { echo "neargate: could not install$missing; run: $command" >&2; return 1; }
}
