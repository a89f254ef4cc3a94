#!/usr/bin/env bash
# Runs the program for Windows under Wine: make windows. It installs Debian's wine64 where it can (700 MB) and makes a folder of Wine (700 MB),
# which it removes in the end. Wine is not Windows: docs/platforms.md says what a run shows.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

if ! [ -x /usr/lib/wine/wine64 ]; then
	if ! [ "$(id -u)" = 0 ] || ! command -v apt-get >/dev/null; then
		echo "windows: wine64 is missing; on Debian: apt-get install --no-install-recommends wine64" >&2
		exit 1
	fi
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends wine64 >&2
fi

work=$(mktemp -d)
export TMPDIR=$work/tmp WINEPREFIX=$work/wine CUPCLINT_EXE=$work/cupclint.exe
mkdir "$TMPDIR"
# The server of Wine writes into its folder until it ends. It has ended when all went well; else -k ends it and the programs. Its sockets are in TMPDIR.
clean() {
	end_started
	[ ! -d "$WINEPREFIX" ] || { timeout 60 /usr/lib/wine/wineserver64 -k; timeout 60 /usr/lib/wine/wineserver64 -w; } || true
	rm -rf "$work"
}
trap clean EXIT

GOOS=windows GOARCH=amd64 CGO_ENABLED=0 go build -trimpath -o "$CUPCLINT_EXE" ./cmd/cupclint
GOOS=windows GOARCH=amd64 CGO_ENABLED=0 go test -trimpath -c -o "$work/platform.test.exe" ./internal/platform
go -C internal/tests test -tags wine -count=1 -timeout 60m ${VERBOSE:+-v} ./windows
