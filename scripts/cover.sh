#!/bin/sh
# Prints how many of the statements the tests run: for each package, then for all. A statement counts for its package whichever package's test runs it.
#   scripts/cover.sh [-short] [PACKAGE...]
# The profile is .bench/cover.out; go tool cover -html=.bench/cover.out shows it.
set -eu
cd "$(dirname "$0")/.."
mkdir -p .bench
[ $# -gt 0 ] || set -- -short ./...
go test -coverpkg=./... -coverprofile=.bench/cover.out "$@" >.bench/cover.log || {
	grep -v '^ok' .bench/cover.log
	exit 1
}
awk '
	NR > 1 {
		statements[$1] = $2
		if ($3 > 0) run[$1] = 1
	}
	END {
		for (block in statements) {
			package = block
			sub(/\/[^\/]*$/, "", package)
			of[package] += statements[block]
			all += statements[block]
			if (block in run) {
				ran[package] += statements[block]
				allran += statements[block]
			}
		}
		for (package in of) printf "%5.1f %%  %s\n", 100 * ran[package] / of[package], package | "sort -k3"
		close("sort -k3")
		printf "%5.1f %%  of %d statements\n", 100 * allran / all, all
	}
' .bench/cover.out
