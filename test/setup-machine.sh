#!/bin/sh
# Makes a fresh Debian machine ready: npm packages, the built program, and the Debian packages named as arguments.
# Installs what is missing as root or through sudo; otherwise says exactly what to install, and fails.
set -eu
cd "$(dirname "$0")/.."

node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
	{ echo "Cannot go on: Node 20.19 or newer is needed, this is $(node --version)" >&2; exit 1; }

missing=
for package in "$@"; do
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
	if [ "$(id -u)" = 0 ]; then as_root=; elif command -v sudo >/dev/null; then as_root=sudo; else
		echo "Cannot go on: please run as root: apt-get update && apt-get install -y$missing" >&2
		exit 1
	fi
	echo "installing from Debian:$missing"
	$as_root apt-get update -q >/dev/null
	# shellcheck disable=SC2086 # the words are package names
	DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -q --no-install-recommends $missing >/dev/null
fi

if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
	echo "installing the npm packages of package-lock.json"
	# Not `npm ci`: it insists on every platform's optional packages being in the lock file.
	npm install --no-save --no-fund --no-audit --loglevel=error
	touch node_modules/.package-lock.json
fi
npm run --silent build
