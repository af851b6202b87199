# Tests and checks; included by the Makefile.
#
#   make check            everything below, in the order of how fast it tells
#   make check-style      layers, banned calls, clang-format, cppcheck
#   make test-unit        unit tests of one variant (VARIANT=check: ASan + UBSan); T=core/text runs one
#   make test-go          the runtime's own tests, with the race detector
#   make test-e2e         the command line end to end: real index, Redis, go, pip, git (B=name runs one file)
#   make bench            the figures of the README, measured now
#   make suites           upstream's suites and a Django project on the Go-backed packages against the plain ones (long)
#   make bench-python     the Go-backed packages against the plain ones (PEERS=1: Cython, mypyc and ctypes too)
#   make prove-pack       proves the packs of translations/ again (long) and writes their pack.json; P=sqlparse: one
#   make bench-native     native functions against CPython on the calls that ship with them; R="sqlparse idna" SHORT=1
#   make fuzz SECONDS=60  every parser under libFuzzer, the queue against its model, with fresh seeds; check repeats known ones
#   make mutants          wrong versions of the packs of translations/: which does the proof not catch?

.PHONY: check check-all check-style test-unit test-go test-e2e bench bench-native fuzz
check: setup-tests
	@$(MAKE) --no-print-directory VARIANT=check check-all

setup-tests:
	@sh configs/setup.sh --tests
.PHONY: setup-tests

check-all: check-style unit-programs $(OUT)/gophersnake support fuzzers
	@$(MAKE) --no-print-directory VARIANT=release build
	@$(BUILD)/release/gophersnake --man | diff - docs/gophersnake.1 || \
		{ echo "docs/gophersnake.1 is out of date: make docs/gophersnake.1"; exit 1; }
	@BUILD=$(BUILD) sh tests/run.sh

# ---- programs that tests and benchmarks use ------------------------------------------------------------------------------
SUPPORT := $(patsubst tests/support/%.c,$(OUT)/support/%,$(wildcard tests/support/*_driver.c)) $(OUT)/support/rewrite_driver $(OUT)/support/versions_driver \
           $(patsubst tests/bench/%.c,$(OUT)/support/%,$(wildcard tests/bench/*.c))
.PHONY: support
support: $(SUPPORT)
define support_rule
$(OUT)/support/$(1): $(2) $(LIBS_cli) Makefile
	@mkdir -p $$(@D)
	@echo "  TEST  $$<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $$< $(LDFLAGS) $(LIBS_cli) $(LDLIBS) -o $$@
endef
$(foreach f,$(wildcard tests/support/*_driver.c tests/bench/*.c),$(eval $(call support_rule,$(basename $(notdir $(f))),$(f))))
$(eval $(call support_rule,rewrite_driver,tests/differential/rewrite/driver.c))
$(eval $(call support_rule,versions_driver,tests/differential/versions/driver.c))

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

# SIMPLE=FOLDER: an index that is there; S="sqlparse idna": these alone.
S ?=
.PHONY: suites
suites: build
	@BUILD=$(BUILD) sh tests/suites/run.sh $(S)
	@GOPHERSNAKE=$(abspath $(BUILD))/release/gophersnake bats --tap tests/suites/pip_django.bats

P ?=
.PHONY: prove-pack
prove-pack: build
	@$(BUILD)/release/gophersnake prove --workspace $(BUILD)/prove translations $(P)

# ---- benchmarks: make bench, on a quiet machine ---------------------------------------------------------------------------
bench: build
	@$(MAKE) --no-print-directory VARIANT=release support
	@BUILD=$(BUILD) sh tests/bench/run.sh

bench-native: build
	@scratch=$$(mktemp -d) && trap 'chmod -R u+w "$$scratch"; rm -rf "$$scratch"' EXIT && \
		python3 tests/bench/native.py $(abspath $(BUILD))/release/gophersnake "$$scratch" $(if $(SHORT),--short) $(if $(filter command%,$(origin R)),$(R))

.PHONY: bench-python
bench-python: build
	@$(MAKE) --no-print-directory VARIANT=release $(BUILD)/release/support/bundle_driver
	@BUILD=$(BUILD) sh tests/bench/python/run.sh

# ---- fuzzing: libFuzzer of clang; crashes stay in build/fuzz --------------------------------------------------------------
SECONDS ?= 60
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_ROOMS := core graphs resolver scheduler agents
FUZZ_SOURCES := $(foreach r,$(FUZZ_ROOMS),$(SRC_$(r)))
FUZZ_OBJECTS := $(FUZZ_SOURCES:%.c=$(BUILD)/fuzz/objects/%.o) $(BUILD)/fuzz/objects/assets.o
FUZZ_FLAGS := -std=gnu17 -w -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all
$(BUILD)/fuzz/objects/assets.o: $(OUT)/assets.c
	@mkdir -p $(@D)
	$(Q)clang $(CPPFLAGS) $(FUZZ_FLAGS) -c $< -o $@
$(BUILD)/fuzz/objects/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  FUZZ  $<"
	$(Q)clang $(CPPFLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c $< -o $@
$(BUILD)/fuzz/librooms.a: $(FUZZ_OBJECTS)
	@rm -f $@
	$(Q)ar rcs $@ $^
$(BUILD)/fuzz/%: tests/fuzz/%.c $(BUILD)/fuzz/librooms.a
	$(Q)clang $(CPPFLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer $< $(BUILD)/fuzz/librooms.a $(LDLIBS) -o $@
-include $(shell find $(BUILD)/fuzz -name '*.d' 2>/dev/null)
.PHONY: fuzzers
fuzzers: $(FUZZERS)
fuzz: fuzzers $(OUT)/unit/scheduler/test_queue_model
	@GOPHERSNAKE_TEST_SECONDS=$(SECONDS) $(OUT)/unit/scheduler/test_queue_model
	@set -e; for f in $(FUZZERS); do \
		name=$$(basename $$f); mkdir -p $(BUILD)/fuzz/corpus/$$name; \
		seeds=tests/fuzz/corpus/$$name; [ -d $$seeds ] || seeds=; \
		echo "# $$name"; \
		$$f -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=2048 -max_len=65536 -verbosity=0 -print_final_stats=1 \
			-artifact_prefix=$(BUILD)/fuzz/ $(BUILD)/fuzz/corpus/$$name $$seeds > $(BUILD)/fuzz/$$name.log 2>&1 || \
			{ tail -40 $(BUILD)/fuzz/$$name.log; exit 1; }; \
		grep number_of_executed $(BUILD)/fuzz/$$name.log; \
	done

# ---- mutants: does the proof catch wrong native code? Long; N mutants of each unit, or of U=sqlparse/sqlparse.utils alone -------
N ?= 100
U ?=
.PHONY: mutants
mutants: build
	@$(MAKE) --no-print-directory VARIANT=release $(BUILD)/release/support/mutants_driver
	@BUILD=$(BUILD) W=$(W) sh tests/mutants/run.sh $(N) $(U)
