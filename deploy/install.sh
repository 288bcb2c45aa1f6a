#!/usr/bin/env bash
# Installs what deploy/packages.txt lists: apt packages system-wide (as root or through sudo), npm packages under
# build/node. Does nothing, fast and without the network, where everything is there already.
set -euo pipefail
cd "$(dirname "$0")/.."
list=deploy/packages.txt

wanted() { awk -v kind="$1" '$1 == kind { print $2 }' "$list"; }

missing=()
for package in $(wanted apt); do
  case $package in nodejs | npm) command -v "${package/nodejs/node}" >/dev/null && continue ;; esac
  dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if ((${#missing[@]})); then
  echo "install: apt packages: ${missing[*]}"
  sudo=()
  [ "$(id -u)" -eq 0 ] || sudo=(sudo)
  "${sudo[@]}" apt-get update -qq
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
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
  npm install --prefix build/node --no-save --no-package-lock --no-audit --no-fund --loglevel=error $(wanted npm)
fi
