#!/usr/bin/env bash
# Makes what a release consists of, in dist/: archives for each system, deb and rpm packages, an SBOM, the provenance, SHA256SUMS and its
# signature. Usage: scripts/release.sh VERSION, as 1.2.3. The same commit and the same Go give the same bytes, whatever the folder, the user,
# the umask and the time zone (scripts/release/reproducible_test.go).
#
#   RELEASE_KEY=FILE     the key that signs, of ssh-keygen: a private key, or the public half of one that ssh-agent or a security key holds
#   SYSTEMS='OS/ARCH..'  build for these only
#   SOURCE_URI=URI       where the repository is, for the provenance
#   BUILDER_ID=URI       who builds, for the provenance
#   DIST=FOLDER          where the result goes; it is emptied first
#   CHANGED_TREE=1       build although the work tree differs from the commit; the provenance says so
set -euo pipefail
cd "$(dirname "$0")/.."

version=${1:?usage: scripts/release.sh VERSION}
[[ $version =~ ^[0-9]+(\.[0-9]+)*([-~+.][0-9A-Za-z.~+-]+)?$ ]] || { echo "release: the version is numbers, as 1.2.3: $version" >&2 && exit 2; }
SYSTEMS=${SYSTEMS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64}
CHANGED=
if [ -n "$(git status --porcelain)" ]; then
	if [ -z "${CHANGED_TREE:-}" ]; then
		echo "release: the work tree differs from the commit (git status). A release is made from a commit alone." >&2
		exit 2
	fi
	CHANGED=1
fi
COMMIT=$(git rev-parse HEAD)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
VERSION=$version
export SOURCE_DATE_EPOCH VERSION SYSTEMS COMMIT CHANGED

# Nothing of the one who builds gets in: neither umask, language and time zone, nor settings of Go other than where modules come from.
umask 022
export LC_ALL=C TZ=UTC
GOPROXY=$(go env GOPROXY) GOSUMDB=$(go env GOSUMDB) GONOSUMDB=$(go env GONOSUMDB) GOPRIVATE=$(go env GOPRIVATE) GOMODCACHE=$(go env GOMODCACHE)
export GOPROXY GOSUMDB GONOSUMDB GOPRIVATE GOMODCACHE
GOCACHE=$(go env GOCACHE)
export GOCACHE GOENV=off GOFLAGS='-mod=readonly -buildvcs=false' GOWORK=off GOAMD64=v1 GOARM64=v8.0 CGO_ENABLED=0
unset GOEXPERIMENT GODEBUG GOFIPS140 GOOS GOARCH

dist=${DIST:-$PWD/dist}
rm -rf "$dist"
mkdir -p "$dist"
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

# TOOL_CACHE is a build cache for the tools alone, for a test that builds the program in a cache of its own.
tool() { GOCACHE=${TOOL_CACHE:-$GOCACHE} go tool -modfile=tools/release/go.mod "$@"; }
build() { # build OS ARCH FILE
	GOOS=$1 GOARCH=$2 go build -trimpath -ldflags "-s -w -X cupclint/internal/cli.version=$version" -o "$3" ./cmd/cupclint
}
settle() { find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +; }

go build -trimpath -o "$stage/release" ./scripts/release

# What the program says of itself: completions, the template, the schema of jabber-config.xml.
host=$stage/host/cupclint
host_system=$(go env GOHOSTOS)/$(go env GOHOSTARCH)
build "${host_system%/*}" "${host_system#*/}" "$host"
common=$stage/common
mkdir -p "$common/completions"
"$host" completion bash >"$common/completions/cupclint.bash"
"$host" completion zsh >"$common/completions/_cupclint"
"$host" completion fish >"$common/completions/cupclint.fish"
"$host" completion powershell >"$common/completions/cupclint.ps1"
(cd "$stage" && "$host" init -o servers.yaml >/dev/null)
mkdir -p "$common/schema"
cp docs/schema/*.json "$common/schema/"
"$host" keys --format xsd >"$common/schema/jabber-config.xsd"
cp README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md LICENSE "$common/"
mkdir "$common/docs"
git ls-files -z docs | grep -zE '\.(md|ya?ml|json|txt|png|cfg|conf)$|^docs/demo/report\.html$' | while IFS= read -r -d '' f; do
	mkdir -p "$common/$(dirname "$f")"
	cp "$f" "$common/$f"
done

programs=()
for system in $SYSTEMS; do
	os=${system%/*} arch=${system#*/}
	name=cupclint_${version}_${os}_${arch}
	root=$stage/$name
	program=cupclint
	[ "$os" != windows ] || program=cupclint.exe
	cp -r "$common" "$root"
	if [ "$system" = "$host_system" ]; then
		cp "$host" "$root/$program"
	else
		build "$os" "$arch" "$root/$program"
	fi
	programs+=("$root/$program")
	"$stage/release" licenses "$root/$program" >"$root/THIRD-PARTY-LICENSES"
	if [ "$os" = windows ]; then
		"$stage/release" archive "$root" "$dist/$name.zip"
		continue
	fi
	mkdir "$root/man"
	cp docs/man/*.1 "$root/man/"
	"$stage/release" archive "$root" "$dist/$name.tar.gz"
	[ "$os" = linux ] || continue

	# The tree of the packages: the same files, at the places of the system.
	pack=$stage/pack-$arch
	share=$pack/usr/share
	doc=$share/doc/cupclint
	mkdir -p "$pack/usr/bin" "$pack/usr/lib/systemd/system" "$pack/etc" "$doc" "$share/man/man1" "$share/cupclint" \
		"$share/bash-completion/completions" "$share/zsh/vendor-completions" "$share/fish/vendor_completions.d"
	cp "$root/$program" "$pack/usr/bin/"
	cp docs/man/*.1 "$share/man/man1/"
	"$stage/release" gzip "$share"/man/man1/*.1
	cp "$common/completions/cupclint.bash" "$share/bash-completion/completions/cupclint"
	cp "$common/completions/_cupclint" "$share/zsh/vendor-completions/_cupclint"
	cp "$common/completions/cupclint.fish" "$share/fish/vendor_completions.d/"
	cp -r "$common/schema" "$share/cupclint/"
	cp -r "$common"/{README.md,CHANGELOG.md,CONTRIBUTING.md,SECURITY.md,LICENSE,docs} "$root/THIRD-PARTY-LICENSES" "$doc/"
	cp scripts/release/systemd/* "$pack/usr/lib/systemd/system/"
	cp scripts/release/etc/* "$stage/servers.yaml" "$pack/etc/"
	for kind in deb rpm; do
		case $kind in
		deb)
			cp scripts/release/copyright "$doc/copyright"
			mkdir -p "$share/lintian/overrides"
			cp scripts/release/lintian-overrides "$share/lintian/overrides/cupclint"
			"$stage/release" changelog "$doc/changelog"
			"$stage/release" gzip "$doc/changelog"
			;;
		rpm)
			rm -r "$doc/copyright" "$doc/changelog.gz" "$share/lintian"
			mkdir "$share/zsh/site-functions"
			mv "$share/zsh/vendor-completions/_cupclint" "$share/zsh/site-functions/"
			rmdir "$share/zsh/vendor-completions"
			;;
		esac
		find "$pack" -type d -exec chmod 755 {} +
		find "$pack" -type f -exec chmod 644 {} +
		chmod 755 "$pack/usr/bin/cupclint"
		settle "$pack"
		ARCH=$arch STAGE=$pack tool nfpm package --config scripts/release/nfpm.yaml --packager "$kind" --target "$dist/"
	done
done

# What is in a program is read from the program itself. The times and the hashes of the tool would differ with every build.
sbom=$dist/cupclint_${version}.cdx.json
tool cyclonedx-gomod bin -json -licenses -std -noserial -notimestamp -version "v$version" -output "$sbom" "${programs[0]}"
"$stage/release" sbom "$sbom"
"$stage/release" provenance "$dist" "${programs[@]}" >"$stage/provenance.json"
mv "$stage/provenance.json" "$dist/cupclint_${version}.provenance.json"
(cd "$dist" && sha256sum -- * >"$stage/SHA256SUMS" && mv "$stage/SHA256SUMS" .)
ls -l "$dist"
scripts/sign.sh "$dist" "${RELEASE_KEY:-}"
