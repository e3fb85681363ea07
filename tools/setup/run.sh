#!/bin/sh
# Sets up what a command of package.json needs, then runs it:
#   run.sh demo|test|check|neargate|bench|fuzz|members [arguments]
set -eu
cd "$(dirname "$0")/../.."
. tools/setup/node.sh
. tools/setup/host.sh

install_packages() {
  stamp=node_modules/.neargate-installed
  [ -e "$stamp" ] && [ ! package-lock.json -nt "$stamp" ] && return 0
  echo "neargate: installing npm packages" >&2
  npm ci --no-fund --no-audit --loglevel=error >&2
  warm_cache
  touch "$stamp"
}

command=$1
shift
use_node
install_packages
case "$command" in
  demo) prepare_host && exec node src/cli/main.ts demo "$@" ;;
  test) prepare_host test || true; exec node tools/run-tests.ts "$@" ;;
  check) exec node tools/check.ts "$@" ;;
  fuzz) exec node tools/fuzz.ts "$@" ;;
  members) exec node tools/members.ts "$@" ;;
  bench) prepare_host && exec node "bench/$1.ts" ;;
  neargate) exec node src/cli/main.ts "$@" ;;
  *) echo "neargate: no command $command" >&2; exit 2 ;;
esac
