#!/bin/sh
# Checks whether the program calls what is known to be vulnerable in its modules and in the standard library: vulncheck.sh [PACKAGE...]
# The exit status is 0 when nothing was found, and also when the database cannot be reached: then the only line begins with "skipped:".
# Everything else is a failure: something was found, or the check could not be made for another reason.
# VULNDB names another database than https://vuln.go.dev, such as file:///srv/vulndb.
set -u
cd "$(dirname "$0")/.."
tool="go tool -modfile=tools/go.mod govulncheck ${VULNDB:+-db $VULNDB}"
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# unreachable succeeds when the database did not answer. An answer that is not one of a database is a failure.
unreachable() {
	grep -Eq '^govulncheck: fetching vulnerabilities: (Get "|HTTP GET .* unexpected status: (403|407|429|5[0-9][0-9]))' "$out"
}

# scan PACKAGES...
scan() {
	$tool "$@" >"$out" 2>&1
	status=$?
	if [ $status -eq 0 ]; then
		return 0
	fi
	if [ $status -ne 3 ] && unreachable; then
		echo "skipped: the database of vulnerabilities cannot be reached: $(sed -n 's/^govulncheck: fetching vulnerabilities: //p' "$out")"
		exit 0
	fi
	cat "$out"
	echo "vulncheck: govulncheck ended with status $status"
	exit 1
}

if [ $# -gt 0 ]; then
	scan "$@"
else
	scan ./resolve # a small package: it shows soon whether the database can be reached
	scan ./cmd/...
fi
echo "no known vulnerability is called"
