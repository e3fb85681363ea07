# Finds Node 24 or newer: the system's, or a local copy from the `node` package on npm.
# Meant to be sourced from the repository's root; sets `node_dir` and puts it first in PATH.

node_major() {
  "$1" -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0
}

find_node() {
  system_node=$(command -v node || true)
  if [ -n "$system_node" ] && [ "$(node_major "$system_node")" -ge 24 ]; then
    node_dir=$(dirname "$system_node")
    return 0
  fi
  node_dir="$PWD/.node/node_modules/node/bin"
  [ "$(node_major "$node_dir/node")" -ge 24 ]
}

install_node() {
  found="missing"
  [ -n "$system_node" ] && found=$("$system_node" -v)
  echo "neargate: getting Node 24 (the system's is $found)" >&2
  mkdir -p .node
  npm install --prefix .node --no-save --no-fund --no-audit --loglevel=error node@24 >&2
  find_node && return 0
  # npm was told not to run install scripts, which is how that package fetches its program.
  case "$(uname -m)" in
    x86_64) node_arch=x64 ;;
    aarch64) node_arch=arm64 ;;
    *) node_arch=$(uname -m) ;;
  esac
  npm install --prefix .node --no-save --no-fund --no-audit --loglevel=error "node-linux-$node_arch@24" >&2
  mkdir -p .node/node_modules/node/bin
  ln -sf "../../node-linux-$node_arch/bin/node" .node/node_modules/node/bin/node
  find_node || { echo "neargate: needs Node 24 or newer; install it and run this again" >&2; exit 1; }
}

use_node() {
  find_node || install_node
  PATH="$node_dir:$PATH"
  # TypeScript is stripped and compiled once and kept: a third of the start-up time and 20 MB.
  NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$PWD/node_modules/.cache/neargate}"
  export PATH NODE_COMPILE_CACHE
}

# So that the first start is like every later one; without it nothing is lost but that.
warm_cache() {
  node tools/setup/warm-cache.ts || true
}
