#!/bin/sh
# Ends with a clear message unless a Go that can build this module is installed.
set -eu
cd "$(dirname "$0")/.."

wanted=$(sed -n 's/^go //p' go.mod)
if ! command -v go >/dev/null 2>&1; then
	echo "Go $wanted or later is needed and no 'go' is in PATH. It can be had from https://go.dev/dl/" >&2
	exit 1
fi
# From 1.21 on an older Go fetches the wanted one by itself, unless that is switched off.
if ! said=$(go list -m 2>&1); then
	echo "$said" >&2
	echo "Go $wanted or later is needed; this is $(GOTOOLCHAIN=local go version 2>/dev/null || echo unknown)." >&2
	exit 1
fi
