#!/bin/sh
# Measures `cupclint lint` against a program that only reads the same files, and fails when a bound is broken.
#   scripts/bench-lint.sh [-files N] [-large N] [-runs N]
# The exports are made once and kept in .bench/ (about 60 MB and 600 MB on disk; `rm -r .bench` is safe).
set -eu
cd "$(dirname "$0")/.."
mkdir -p .bench/bin .bench/linked .bench/empty
printf 'package main\n\nfunc main() {}\n' > .bench/empty/main.go
CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o .bench/linked/empty ./.bench/empty/main.go
# As a release is built: its version is in the program, which need not look for it.
CGO_ENABLED=0 go build -trimpath -ldflags="-s -w -X cupclint/internal/cli.version=v0.0.0" -o .bench/linked/cupclint ./cmd/cupclint
go build -o .bench/linked/benchread ./scripts/benchread
go build -o .bench/bin/benchlint ./scripts/benchlint
exec .bench/bin/benchlint -programs .bench/linked -work .bench "$@"
