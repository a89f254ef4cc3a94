#!/bin/sh
# Measures `cupclint dns` against dnsperf on one name server (nsd on loopback), in one run, and fails when a bound is
# broken.
#   scripts/bench-dns.sh [-names N] [-runs N]
# nsd and dnsperf are Debian packages; they are installed where that is possible. Needs no network otherwise.
set -eu
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/sbin
for program in nsd dnsperf; do
	command -v "$program" >/dev/null && continue
	if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
		echo "bench-dns: $program is missing: install the package $program" >&2
		exit 2
	fi
	if [ ! -e /usr/sbin/policy-rc.d ]; then # a package must not start its daemon
		printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
		chmod +x /usr/sbin/policy-rc.d
		trap 'rm -f /usr/sbin/policy-rc.d' EXIT
	fi
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$program"
done
mkdir -p .bench/bin
go build -trimpath -ldflags='-s -w' -o .bench/bin/cupclint ./cmd/cupclint
go build -o .bench/bin/benchdns ./scripts/benchdns
.bench/bin/benchdns -cupclint .bench/bin/cupclint "$@"
