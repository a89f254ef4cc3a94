#!/bin/sh
# Measures `cupclint serve` with wrk against a static page of the same length, which Go's own file server sends, and its memory meanwhile;
# fails when a bound is broken.
#   scripts/bench-serve.sh [SECONDS]
# wrk is a Debian package; it is installed where that is possible. Needs no network otherwise.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-5}
connections=64
for tool in wrk curl; do
	command -v "$tool" >/dev/null && continue
	if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
		echo "bench-serve: $tool is missing" >&2
		exit 2
	fi
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$tool"
done
dir=$(mktemp -d)
pids=
stop() {
	for p in $pids; do kill "$p" 2>/dev/null || true; done
	wait
	rm -rf "$dir"
}
trap stop EXIT
trap 'exit 1' INT TERM

CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o "$dir/cupclint" ./cmd/cupclint
go build -trimpath -o "$dir/benchserve" ./scripts/benchserve

# address LOG: waits until the server of the log says where it is.
address() {
	until a=$(sed -n 's/^serving \(http[^ ]*\) .*/\1/p' "$1") && [ -n "$a" ]; do sleep 0.1; done
	echo "$a"
}

mkdir "$dir/files" "$dir/work"
(cd "$dir/work" && exec "$dir/cupclint" serve -q --listen 127.0.0.1:0) 2>"$dir/serve.log" &
server=$!
pids=$server
page=$(address "$dir/serve.log")
curl -s -c "$dir/jar" -o "$dir/files/page.html" "$page"
"$dir/benchserve" "$dir/files" 2>"$dir/static.log" &
pids="$pids $!"
static=$(address "$dir/static.log")

token=$(sed -n 's/.*name="form-token" value="\([^"]*\)".*/\1/p' "$dir/files/page.html" | head -1)
cookie=$(awk '$6 == "cupclint" || $6 == "__Host-cupclint" { print $6 "=" $7 }' "$dir/jar")
cat >"$dir/form.lua" <<END
wrk.method = "POST"
wrk.body = "form-token=$token&complaint=presence&text=Presence+is+offline.+Invalid+credentials."
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.headers["Cookie"] = "$cookie"
END

# rate URL [ARG...]: answers a second, of those with status 200 alone.
rate() {
	wrk -t2 -c"$connections" -d"${seconds}s" --timeout 30s "$@" >"$dir/out"
	awk '/Non-2xx/ { bad = $NF } /requests in/ { n = $1 } /^Requests\/sec/ { r = $2 } END { print (n > 0 ? r * (n - bad) / n : 0) }' "$dir/out"
}

for _ in 1 2 3; do # in turn, so that all see the same machine
	rate "${static}page.html" >>"$dir/rate.static"
	rate "$page" >>"$dir/rate.page"
	rate "${page}healthz" >>"$dir/rate.health"
	rate -s "$dir/form.lua" "${page}diagnose" >>"$dir/rate.form"
done
median() { sort -n "$dir/rate.$1" | sed -n 2p; }
peak=$(awk '/^VmHWM/ { print $2 / 1024 }' "/proc/$server/status")
left=$(find "$dir/work" -mindepth 1 | wc -l)
awk -v static="$(median static)" -v page="$(median page)" -v health="$(median health)" -v form="$(median form)" -v peak="$peak" -v left="$left" '
	function check(what, value, bound) {
		printf "%-62s %7.2f  (bound %s)%s\n", what, value, bound, (value > bound ? "  BROKEN" : "")
		if (value > bound) failed = 1
	}
	function ratio(rate) { return rate > 0 ? static / rate : 1e9 }
	BEGIN {
		check("a static page against what only passes the guard", ratio(health), 3)
		check("a static page against the first page", ratio(page), 20)
		check("a static page against a pasted line and its causes", ratio(form), 200)
		check("peak resident memory, MiB", peak, 128)
		check("files left in the working folder", left, 0)
		exit failed
	}'
