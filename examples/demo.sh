#!/bin/sh
# A local mirror at work: starts tsyncd on examples/demo.lua in a folder of its own, changes the source, shows what arrives.
# Needs no ssh and no root (but for installing rsync, if it is not there). Ends by itself.
set -eu
cd "$(dirname "$0")/.."
sh test/setup-machine.sh rsync

work=$(mktemp -d)
mkdir "$work/source" "$work/target"
echo 'here before tsyncd started' >"$work/source/first.txt"
TSYNCD_DEMO="$work" bin/tsyncd.js examples/demo.lua &
daemon=$!
trap 'kill "$daemon" 2>/dev/null || :; wait "$daemon" || :; rm -rf "$work"' EXIT

arrives() { # waits until the target is what the source is
	tries=0
	while [ -n "$(rsync -rlptnic --delete "$work/source/" "$work/target/")" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 100 ] || { echo "the target did not become equal to the source" >&2; exit 1; }
		sleep 0.1
	done
	printf '   at the target: %s\n' "$(cd "$work/target" && find . -mindepth 1 | sort | tr '\n' ' ')"
}
change() { # one shell command in the source
	printf '\n$ %s\n' "$1"
	(cd "$work/source" && sh -ec "$1")
	arrives
}

echo "source: $work/source   target: $work/target"
arrives
change 'echo hello >hello.txt'
change 'mkdir -p deep/er && echo more >deep/er/file'
change 'mv hello.txt renamed.txt'
change 'chmod 600 renamed.txt && ln -s renamed.txt link'
change 'rm -r deep'
printf '\nsource and target are equal. The same by hand:  bin/tsyncd.js -nodaemon -rsync SOURCE TARGET\n'
