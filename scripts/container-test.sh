#!/usr/bin/env bash
# Builds the image of the Dockerfile and runs the commands about containers of docs/install.md: make container-test. As root on Debian, with a Debian
# mirror to ask and no registry: debian:bookworm-slim is a root that mmdebstrap makes, golang the same root with this machine's Go. buildah and podman
# run inside that root, in namespaces of their own, so that nothing is installed on the machine.
#
#   ROOT_TAR=FILE   a root that mmdebstrap made earlier; without it one is made
set -euo pipefail
cd "$(dirname "$0")/.."
top=$PWD
. scripts/lib.sh

die() { echo "container-test: $*" >&2 && exit 1; }
[ "$(id -u)" = 0 ] || die "this test takes root: it makes a Debian root and runs containers in it (sudo make container-test)"
command -v mmdebstrap >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends mmdebstrap >&2 || die "mmdebstrap is missing"
grep -q cgroup2 /proc/filesystems || die "the kernel has no cgroup v2"

work=$(mktemp -d)
trap 'end_started; rm -rf --one-file-system "$work"' EXIT
root=$work/root
mkdir -p "$root" "$work/image/usr/local"
tar=${ROOT_TAR:-$work/root.tar}
[ -e "$tar" ] || mmdebstrap --quiet --variant=minbase bookworm "$tar"
tar -xf "$tar" -C "$root"
cp /etc/resolv.conf "$root/etc/resolv.conf"
mkdir -p "$root/test/base" "$root/test/src" "$root/test/work/exports" "$root/root/go" "$root/root/.cache/go-build"
cp "$tar" "$root/test/root.tar"
cp -r "$(go env GOROOT)" "$root/test/go"
git ls-files -z --cached --others --exclude-standard | xargs -0 ls -d 2>/dev/null | tar -c -T - | tar -x -C "$root/test/src"
cp fixtures/broken/soap/*.xml "$root/test/work/exports/"

{
	cat <<'END'
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
apt-get -q update && apt-get install -y -q --no-install-recommends buildah podman crun
mkdir -p /etc/containers
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >/etc/containers/policy.json
base=$(buildah from scratch)
buildah add -q "$base" /test/root.tar
buildah commit -q "$base" docker.io/library/debian:bookworm-slim
buildah add -q "$base" /test/go /usr/local/go
buildah run "$base" -- sh -c 'apt-get -q update && apt-get install -y -q --no-install-recommends make ca-certificates git'
buildah config --env PATH=/usr/local/go/bin:/usr/sbin:/usr/bin:/sbin:/bin "$base"
buildah commit -q "$base" docker.io/library/golang:1.26-bookworm
# docker, as the page writes it. What was downloaded and compiled on this machine is used again.
docker() {
	local verb=$1
	shift
	case $verb in
	build) buildah bud --pull=never -v /root/go:/root/go -v /root/.cache/go-build:/root/.cache/go-build "$@" ;;
	run) podman --cgroup-manager=cgroupfs run --cgroups=disabled --network=none --runtime=crun "$@" ;;
	esac
}
ok() { echo "ok    $*"; }
exits() {
	local want=$1 got=0
	shift
	"$@" >/test/said 2>&1 || got=$?
	[ "$got" = "$want" ] || { echo "FAIL  $*: exit code $got, not $want" && cat /test/said && exit 1; }
	ok "$@"
}
cd /test/src
END
	page container-build
	cat <<'END'
ok "the image is built (container-build)"
cd /test/work
export HOME=/test/work/home
mkdir -p "$HOME"
chmod 755 /test /test/work /test/work/exports
END
	echo "lint() { $(page container-lint | sed '$!s/$/;/'); }"
	echo "state() { $(page container-state); }"
	echo "reports() { $(page container-reports); }"
	cat <<'END'
exits 1 lint
grep -q PRES0 /test/said
# There is no network, so that DNS cannot be asked: exit code 3, and a report.
exits 3 state
grep -q '<html' report.html && rm report.html
id() { echo 1234; } # an ordinary user, not root
chown 1234:1234 . && mkdir -p "$HOME/.local/state/cupclint" && chown -R 1234:1234 "$HOME"
exits 3 reports
[ "$(stat -c '%u %a' report.html case.json | paste -sd,)" = "1234 644,1234 600" ]
ok "the reports are written, as that user"
[ "$(docker run --rm --entrypoint id cupclint -u)" = 65532 ]
ok "without -u it is the user 65532"
[ "$(docker run --rm --entrypoint stat cupclint -c '%u %a' /var/lib/cupclint)" = "65532 700" ]
ok "the folder for the state is its own"
END
} >"$root/test/run.sh"

# In namespaces: nothing stays mounted.
# shellcheck disable=SC2016 # the inner shell expands these
unshare -m -p -f bash -ec '
	mount --bind "$1" "$1" && cd "$1"
	mount --bind "$2" root/go && mount --bind "$3" root/.cache/go-build
	mount -t proc proc proc && mount -t sysfs sys sys && mount -t cgroup2 cg sys/fs/cgroup && mount -t tmpfs run run && mount --rbind /dev dev
	mkdir -p .old && pivot_root . .old && umount -l /.old && rmdir /.old
	exec env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 bash /test/run.sh' - "$root" "$(go env GOPATH)" "$(go env GOCACHE)" >"$work/log" 2>&1 ||
	{ tail -n 60 "$work/log" && die "failed"; }
grep '^ok ' "$work/log"
echo "container-test: all hold"
