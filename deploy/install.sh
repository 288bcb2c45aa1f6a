#!/usr/bin/env bash
# Installs what deploy/packages.txt lists: apt packages system-wide (as root or through sudo), npm packages under
# build/node. Does nothing, fast and without the network, where everything is there already. Asks nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
list=deploy/packages.txt

wanted() { awk -v kind="$1" '$1 == kind { print $2 }' "$list"; }

missing=()
for package in $(wanted apt); do
  case $package in
    # Debian's nodejs and npm conflict with other builds of node: whatever is on the PATH will do.
    nodejs) command -v node >/dev/null && continue ;;
    npm) command -v npm >/dev/null && continue ;;
  esac
  dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if ((${#missing[@]})); then
  echo "install: apt packages: ${missing[*]}"
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "install: neither root nor sudo; have these packages installed" >&2; exit 1; }
    as_root=(sudo)
  fi
  apt_get() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@" \
      </dev/null >/dev/null
  }
  apt_get update
  apt_get install -y --no-install-recommends "${missing[@]}"
fi

modules=build/node/node_modules
absent=()
for package in $(wanted npm); do
  name=${package%@*} version=${package##*@}
  grep -qs "\"version\": \"$version\"" "$modules/$name/package.json" || absent+=("$package")
done
if ((${#absent[@]})); then
  echo "install: npm packages: ${absent[*]}"
  mkdir -p build/node
  # shellcheck disable=SC2046  # One word per package.
  npm install --prefix build/node --no-save --no-package-lock --no-audit --no-fund --loglevel=error $(wanted npm) </dev/null
fi
