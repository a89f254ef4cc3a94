#!/usr/bin/env bash
# Makes what a release consists of, in dist/: archives for each system, deb and rpm packages, an SBOM and checksums.
# Usage: scripts/release.sh VERSION, as 1.2.3. The same commit gives the same archives: times come from the commit.
set -euo pipefail
cd "$(dirname "$0")/.."

version=${1:?usage: scripts/release.sh VERSION}
case $version in
[0-9]*) ;;
*) echo "release: the version is numbers, as 1.2.3: $version" >&2 && exit 2 ;;
esac
nfpm=github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.43.4
sbom=github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
systems=${SYSTEMS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64}

SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH VERSION="$version"
dist=$PWD/dist
rm -rf "$dist"
mkdir -p "$dist"
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

build() { # build OS ARCH FILE
	CGO_ENABLED=0 GOOS=$1 GOARCH=$2 go build -trimpath -ldflags "-s -w -X cupclint/internal/cli.version=$version" -o "$3" ./cmd/cupclint
}

# The completions are the program's own.
build "$(go env GOHOSTOS)" "$(go env GOHOSTARCH)" "$stage/host"
mkdir -p "$stage/completions"
"$stage/host" completion bash >"$stage/completions/cupclint.bash"
"$stage/host" completion zsh >"$stage/completions/_cupclint"
"$stage/host" completion fish >"$stage/completions/cupclint.fish"
"$stage/host" completion powershell >"$stage/completions/cupclint.ps1"

for system in $systems; do
	os=${system%/*} arch=${system#*/}
	name=cupclint_${version}_${os}_${arch}
	mkdir -p "$stage/$name/man"
	program=cupclint
	[ "$os" != windows ] || program=cupclint.exe
	build "$os" "$arch" "$stage/$name/$program"
	cp -r README.md CHANGELOG.md LICENSE "$stage/completions" "$stage/$name/"
	cp docs/man/*.1 "$stage/$name/man/"
	find "$stage/$name" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
	if [ "$os" = windows ]; then
		(cd "$stage" && find "$name" -type f | LC_ALL=C sort | zip -q -X -@ "$dist/$name.zip")
	else
		tar -C "$stage" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -cf - "$name" | gzip -n9 >"$dist/$name.tar.gz"
	fi
	if [ "$os" = linux ]; then
		cp "$stage/$name/cupclint" "$stage/cupclint"
		for kind in deb rpm; do
			ARCH=$arch STAGE=$stage go run "$nfpm" package --config scripts/release/nfpm.yaml --packager "$kind" --target "$dist/"
		done
	fi
done

# What is in a program is read from the program itself.
go run "$sbom" bin -json -licenses -std -noserial -version "v$version" -output "$dist/cupclint_${version}.cdx.json" "$stage/host"
(cd "$dist" && sha256sum -- * >SHA256SUMS)
ls -l "$dist"
