# make test is the one command: it installs what the tests need where it can, and runs them all.

# The tag, where there is one. Without it the program takes its version from Go's own build information.
VERSION := $(shell git describe --tags --dirty 2>/dev/null)
LDFLAGS := -s -w $(if $(VERSION),-X cupclint/internal/cli.version=$(VERSION))

# The race detector takes a C compiler; scripts/install-servers.sh installs one where it can.
RACE = $(if $(shell command -v gcc 2>/dev/null),-race)

FUZZTIME ?= 10s
BENCH ?= .

.PHONY: build test soak quick bench pgo fuzz fuzz-ci mutate cover generate docs check go servers clean windows

build: go
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/cupclint ./cmd/cupclint

# Two packages at a time, each with a few tests at a time: a run must fit on two cores. The tests of a package run in random order, so that none
# comes to depend on another; where one fails, the last line of its package has the -shuffle to try again with.
# The address rules are compared with their oracle on all short strings, which takes minutes with the race detector. The detector also takes several
# times the memory, which some tests of the command line measure, and the time: tests in which it has nothing to find and that take long run without
# it, at the same time as the others (internal/testrace).
test: go servers
	@go test ./resolve
	@go test -timeout 15m -run 'InLittleMemory|TestServe|Reality|ClosedSet|ThePageDiagnoses|ExamplesAre|PagesShow|SoakKilled|BadInputs|XMLSchemaAccepts|MarkersReach|CaseOfOthers|PagesAreFormatted|ARedactedFile|FixturesHaveTheSameFindings|LargeOutput|ShardsOf' ./internal/cli ./internal/conceal ./collect & plain=$$!; \
	go run ./scripts/gotest $(RACE) -shuffle=on -p 2 -parallel 4 -timeout 15m ./...; code=$$?; \
	wait $$plain && exit $$code

# The tests of promises that hold however often a thing is done: 1,000 runs of each lock-out scenario where make test makes 100, 200 kills where it
# makes 20. And a problem report of 200 MB within 256 MB of memory.
soak: go servers
	@CUPCLINT_SOAK=1 go run ./scripts/gotest -timeout 120m -run Soak ./...

# A selection without servers, in a minute or two.
quick: go
	@go run ./scripts/gotest -short ./...

bench: go
	scripts/bench-lint.sh
	scripts/bench-dns.sh
	scripts/bench-audit.sh
	scripts/bench-serve.sh
	go test -run '^$$' -bench '$(BENCH)' -benchmem ./...

# The profile for the compiler, from the benchmark's exports (scripts/bench-lint.sh makes them). It need not be fresh to help.
pgo: go
	go run ./scripts/pgo $(addprefix .bench/,$(addsuffix -10000,soap jabber yaml properties registry))

# Every fuzz target, each for FUZZTIME. The inputs that reached something new are saved in testdata/fuzz, up to so many for each target.
FUZZSAVE ?= 6
fuzz: go bin/fuzz
	bin/fuzz -each $(FUZZTIME) -save $(FUZZSAVE)

# Every fuzz target, all of them in a minute after they are compiled. Nothing is saved.
fuzz-ci: go bin/fuzz
	bin/fuzz -total 60s

bin/fuzz: $(wildcard tools/fuzz/*.go)
	go -C tools build -o ../bin/fuzz ./fuzz

# How many of the statements the tests without servers run, for each package and for all.
cover: go
	@scripts/cover.sh -short ./...

# Changes the packages whose mistakes cost most in many small places, one at a time, and says how many of the changes the tests notice.
# SAMPLE is the number of changes of lint/rules that are tried (0: all of them).
SAMPLE ?= 1000
mutate: go
	go -C tools build -o ../bin/mutate ./mutate
	nice -n 19 bin/mutate -j 2 ./resolve ./resolve
	nice -n 19 bin/mutate -j 2 ./internal/loginbudget ./internal/loginbudget
	nice -n 19 bin/mutate -j 2 -sample $(SAMPLE) -skip CostsNoMemory ./lint/rules ./lint/rules ./fixtures

generate: go
	go generate ./...

# What the documentation shows of the program: rules, keys, manual pages, the demo's transcript, page and picture (which takes Chromium).
docs: go servers
	go generate ./...

check: go
	scripts/check.sh

# A clear message where Go is missing or too old.
go:
	@scripts/need-go.sh

# Both packages in a clean Debian: installed, used, upgraded, removed. As root on Debian; takes minutes, most of them for two builds.
.PHONY: install-test container-test
install-test: go
	scripts/install-test.sh

# The image of the Dockerfile, built and used, without a registry. As root on Debian.
container-test: go
	scripts/container-test.sh

# A release is built twice, in other surroundings, and compared byte by byte: five minutes of a processor.
.PHONY: reproducible
reproducible: go
	CUPCLINT_REPRODUCIBLE=1 go test -timeout 60m -run Reproducible -v ./scripts/release

# The digests of base images and the commits of actions, next to their tags. Takes the registries and GitHub.
.PHONY: pin
pin: go
	go run ./scripts/pin

# The program for Windows under Wine, which takes 1.4 GB while it runs (docs/platforms.md).
windows: go
	scripts/windows.sh

servers:
	@scripts/install-servers.sh

clean:
	rm -rf bin
