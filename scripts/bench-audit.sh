#!/bin/sh
# Measures an audit of 200 targets, half of them silent, against the longest single deadline, and one of 100 live targets against Debian's
# monitoring-plugins with twenty at once, and fails when a bound is broken.
#   scripts/bench-audit.sh [RUNS]
# The servers and monitoring-plugins are Debian packages; they are installed where that is possible. Needs no network otherwise.
set -eu
cd "$(dirname "$0")/.."
scripts/install-servers.sh
if [ ! -e /usr/lib/nagios/plugins/check_ldap ]; then
	if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
		echo "bench-audit: monitoring-plugins is missing: install monitoring-plugins-basic and monitoring-plugins-standard" >&2
		exit 2
	fi
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends monitoring-plugins-basic monitoring-plugins-standard
fi
result=$(CI=true go test ./internal/audit -run '^$' -bench '^Benchmark(HalfSilent|Live)$' -benchtime "${1:-5}x") || {
	printf '%s\n' "$result"
	exit 1
}
printf '%s\n' "$result" | awk '
	function check(what, value, bound) {
		printf "%-60s %6.2f  (bound %s)%s\n", what, value, bound, (value > bound ? "  BROKEN" : "")
		if (value > bound) failed = 1
		seen++
	}
	/^BenchmarkHalfSilent/ { for (i = 2; i < NF; i++) if ($(i + 1) == "deadlines/op") check("200 targets, half silent, against one deadline", $i, 1.2) }
	/^BenchmarkLive/ { for (i = 2; i < NF; i++) if ($(i + 1) == "plugins/op") check("100 live targets against monitoring-plugins, 20 at once", $i, 1) }
	END { exit failed || seen != 2 }
'
