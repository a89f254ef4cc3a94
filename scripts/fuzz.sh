#!/bin/sh
# Runs every fuzz target of the module, one after the other, each for the time given: fuzz.sh [10s]
set -eu
cd "$(dirname "$0")/.."
for_each=${1:-10s}

found=0
for package in $(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.Dir}}{{end}}' ./...); do
	# Without a match sed prints nothing and succeeds.
	for target in $(cat "$package"/*_test.go | sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p'); do
		found=$((found + 1))
		echo "== $target in $package"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$for_each" "$package"
	done
done
echo "$found fuzz targets, none failed"
