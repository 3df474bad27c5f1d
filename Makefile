# Weir. `make run` builds and starts it with a live demo, `make test` passes all tests; `make help` lists the rest.

SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# clients stands outside of go.work: what its clients require must not choose the versions that Weir is built with.
MODULES := . extra server examples bench
BIN     := bin/weir
LINT    := bin/tools/golangci-lint
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS := -X main.version=$(VERSION)
export GOTOOLCHAIN ?= local

.PHONY: run
run: build ## build Weir, start it on a throwaway store with a live demo, and open its page
	exec $(BIN) demo

.PHONY: build
build: deps-build ## build the command at bin/weir
	cd server && go build -ldflags '$(LDFLAGS)' -o ../$(BIN) ./cmd/weir

.PHONY: test
test: deps-test check race clients e2e ## everything that must hold: checks, all tests with the race detector, real clients, the page in a browser
	@echo "make test: all passed"

.PHONY: check
check: vet lint ui-check ## what needs no running program: vet for three systems, linters, the built page against its sources

.PHONY: vet
vet:
	for os in linux darwin windows; do echo "vet root for $$os"; GOOS=$$os go vet ./...; done
	echo "vet root for 32 bits"; GOARCH=386 go vet ./...
	for m in extra server examples bench; do (cd $$m && go vet ./...); done; cd clients && GOWORK=off go vet ./...

.PHONY: race
race: deps-build ## all Go tests with the race detector; then those that assert allocations, and the pure Go twins, without it
	for m in . extra server examples; do echo "test $$m"; (cd $$m && go test -race -timeout 20m ./...); done
	echo "test bench, without the race detector: phuslu's AsyncWriter reuses an entry that it still reads"; cd bench && go test . && go test -race ./soak
	for m in $(MODULES); do echo "allocations $$m"; (cd $$m && go test -run 'Alloc' ./...); done
	echo "the twins without unsafe"; go test -tags purego ./record ./internal/flat

.PHONY: clients
clients: build deps-clients ## real clients of every protocol against the built command
	cd clients && GOWORK=off WEIR_BIN=$(CURDIR)/$(BIN) go test -timeout 20m ./...

.PHONY: fuzz
FUZZTIME ?= 60s
fuzz: ## every fuzz target for FUZZTIME (60s)
	scripts/fuzz $(FUZZTIME)

.PHONY: bench
bench: ## the library beside slog, zap, zerolog and phuslu, in one run
	cd bench && go run .

.PHONY: bench-ingest
bench-ingest: ## what a server takes in, how soon it is stored and seen, and what that costs
	cd bench && go run ./ingest

.PHONY: soak
SOAKTIME ?= 10m
soak: ## for SOAKTIME (10m): sent = written + dropped to the record, under every policy, with sinks that misbehave
	cd bench && go run ./soak -for $(SOAKTIME)

.PHONY: lint
lint: $(LINT) ## the linters, each with its reason in .golangci.yml
	for m in $(MODULES); do echo "lint $$m"; (cd $$m && $(CURDIR)/$(LINT) run --config $(CURDIR)/.golangci.yml ./...); done
	echo "lint clients"; cd clients && GOWORK=off $(CURDIR)/$(LINT) run --config $(CURDIR)/.golangci.yml ./...

$(LINT): tools/go.mod tools/go.sum
	cd tools && GOWORK=off go build -o ../$(LINT) github.com/golangci/golangci-lint/v2/cmd/golangci-lint

.PHONY: types
types: ## generate the page's types from the Go ones
	go run ./internal/tsgen -o ui/src/lib/wire.gen.ts

.PHONY: ui
ui: deps-node types ## build the page into ui/dist (needs Node; using Weir does not)
	scripts/node npm --prefix ui ci --no-audit --no-fund
	scripts/node npm --prefix ui run build

.PHONY: ui-check
ui-check: deps-node ## check the page: types, lint, unit tests, and that ui/dist is what the sources build
	go run ./internal/tsgen -check -o ui/src/lib/wire.gen.ts
	scripts/ui-check

.PHONY: e2e
e2e: build deps-node deps-browser ## the page in a real browser against the real server
	scripts/node npm --prefix ui run e2e

.PHONY: screenshots
screenshots: build deps-node deps-browser ## docs/screenshot.png, and every state of the page in bin/screenshots
	scripts/node node ui/e2e/screenshots.mjs

.PHONY: tidy
tidy: ## go mod tidy in each module, with a temporary replace that is dropped again
	scripts/tidy $(MODULES) clients

.PHONY: deps-build deps-node deps-browser deps-clients deps-test
deps-build:
	@scripts/deps build
deps-node:
	@scripts/deps node
deps-browser:
	@scripts/deps browser
deps-clients:
	@scripts/deps clients
deps-test:
	@scripts/deps build node browser clients

.PHONY: clean
clean: ## remove what was built (not ui/dist, which is committed)
	rm -rf bin ui/node_modules

.PHONY: help
help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14
