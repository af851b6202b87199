# Tests and checks; included by the Makefile.
#
#   make check            everything below, in the order of how fast it tells
#   make check-style      layers, banned calls, clang-format, cppcheck
#   make test-unit        unit tests of one variant (VARIANT=check: ASan + UBSan); T=core/text runs one
#   make test-go          the runtime's own tests, with the race detector
#   make test-e2e         the command line end to end: real index, Redis, go, pip, git (B=name runs one file)
#   make fuzz SECONDS=60  every parser under libFuzzer; check runs it for a few seconds each

.PHONY: check check-all check-style test-unit test-go test-e2e fuzz chaos
check: setup-tests
	@$(MAKE) --no-print-directory VARIANT=check check-all

setup-tests:
	@sh configs/setup.sh --tests
.PHONY: setup-tests

check-all: check-style unit-programs $(OUT)/gophersnake
	@$(MAKE) --no-print-directory VARIANT=release build
	@$(BUILD)/release/gophersnake --man | diff - docs/gophersnake.1 || \
		{ echo "docs/gophersnake.1 is out of date: make docs/gophersnake.1"; exit 1; }
	@sh tests/run.sh

C_FILES = $(shell git ls-files -co --exclude-standard '*.c' '*.h' | grep -v '^runtime/')
check-style:
	@sh tests/checks/layers.sh
	@sh tests/checks/banned.sh
	@clang-format --dry-run -Werror $(C_FILES)
	@cppcheck --quiet --std=c11 --language=c --inline-suppr --error-exitcode=1 --enable=warning,portability \
		--suppressions-list=tests/checks/cppcheck.txt -j2 -I. $(ROOMS)

# T=core/text runs one.
T ?=
test-unit: $(if $(T),$(OUT)/unit/$(dir $(T))test_$(notdir $(T)),$(UNIT_TESTS))
	@set -e; for t in $^; do echo "# $$t"; $$t; done

test-go:
	@sh tests/scripts/go_runtime.sh

B ?=
test-e2e: build
	@sh tests/run.sh e2e $(B)

# ---- fuzzing: libFuzzer of clang; crashes stay in build/fuzz -----------------------------------------------------------
SECONDS ?= 10
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_ROOMS := core graphs resolver scheduler agents
$(BUILD)/fuzz/%: tests/fuzz/%.c $(foreach r,$(FUZZ_ROOMS),$(SRC_$(r))) $(OUT)/assets.c
	@mkdir -p $(@D)
	clang $(CPPFLAGS) -std=gnu17 -w -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		$< $(foreach r,$(FUZZ_ROOMS),$(SRC_$(r))) $(OUT)/assets.c $(LDLIBS) -o $@
fuzz: $(FUZZERS)
	@set -e; for f in $(FUZZERS); do \
		corpus=tests/fuzz/corpus/$$(basename $$f); mkdir -p $(BUILD)/fuzz/corpus/$$(basename $$f); \
		[ -d $$corpus ] || corpus=; \
		$$f -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=2048 -max_len=65536 -verbosity=0 -print_final_stats=1 \
			-artifact_prefix=$(BUILD)/fuzz/ $(BUILD)/fuzz/corpus/$$(basename $$f) $$corpus 2>&1 | grep -E 'ERROR|number_of_executed|SUMMARY' ; \
	done
