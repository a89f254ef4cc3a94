#!/usr/bin/env bash
# What the GitHub Action runs: action.sh PROGRAM. Inputs come as variables: PATHS and ARGS (one a line), FAIL_ON, SARIF.
# Findings become annotations, the job summary gets a table, and the exit status is cupclint's own.
set -uo pipefail

lines() { # lines NAME TEXT: fill the array NAME with the lines of TEXT that are not empty
	local -n into=$1
	into=()
	while IFS= read -r line; do
		[ -z "$line" ] || into+=("$line")
	done <<<"$2"
}

lines paths "${PATHS:-.}"
lines more "${ARGS:-}"
formats=(--format github)
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || formats+=(--format "markdown=$GITHUB_STEP_SUMMARY")
[ -z "${SARIF:-}" ] || formats+=(--format "sarif=$SARIF")
exec "$1" lint "${formats[@]}" --fail-on "${FAIL_ON:-error}" "${more[@]}" -- "${paths[@]}"
