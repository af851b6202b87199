# gophersnake: C17 with GNU extensions and attributes, glibc. Said once, here.
#
#   make            set up what is missing (Debian packages, as root or through sudo), build
#   make convert    the same, then convert Django's tree into ./.gophersnake
#   make check      the same, then every test
#   make bench      the figures of the README and of docs/
#   make help       all targets

VERSION := $(shell sed -n 's/.*GOPHERSNAKE_VERSION "\(.*\)"/\1/p' core/version.h)
BUILD   ?= build
# One of: release (what is installed), check (ASan + UBSan, for tests).
VARIANT ?= release
OUT     := $(BUILD)/$(VARIANT)

CC      := gcc
# make V=1 shows whole commands.
Q       := $(if $(V),,@)
PKGS    := libcurl libgit2 libarchive jansson hiredis igraph libcyaml libcrypto zlib libmicrohttpd
WARN    := -Wall -Wextra -Wshadow -Wvla -Wmissing-prototypes -Wstrict-prototypes -Wpointer-arith -Wwrite-strings \
           -Wformat=2 -Wundef -Wnull-dereference -Werror
HARDEN  := -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE
OPT_release := -O2 -g -D_FORTIFY_SOURCE=3 $(HARDEN)
OPT_check   := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LINK_release := -pie -Wl,-z,relro,-z,now
LINK_check   := -fsanitize=address,undefined

PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null | sed 's/-I/-isystem /g')
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
CPPFLAGS = -I. -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 $(PKG_CFLAGS)
CFLAGS   = -std=gnu17 $(WARN) $(OPT_$(VARIANT))
LDLIBS   = $(PKG_LIBS) -lm -lpthread
LDFLAGS  = $(LINK_$(VARIANT))

# ---- rooms, in the order of the layers; a room may include what stands before it -------------------------------------
ROOMS := core graphs resolver scheduler agents cli
room_sources = $(sort $(wildcard $(1)/*.c $(1)/*/*.c))
$(foreach r,$(ROOMS),$(eval SRC_$(r) := $(filter-out cli/main.c,$(call room_sources,$(r)))))
$(foreach r,$(ROOMS),$(eval OBJ_$(r) := $(SRC_$(r):%.c=$(OUT)/%.o)))
LIB_of = $(OUT)/lib$(1).a
OBJ_core += $(OUT)/assets.o

LIBS_core      := $(call LIB_of,core)
LIBS_graphs    := $(call LIB_of,graphs) $(LIBS_core)
LIBS_resolver  := $(call LIB_of,resolver) $(LIBS_graphs)
LIBS_scheduler := $(call LIB_of,scheduler) $(LIBS_graphs)
LIBS_agents    := $(call LIB_of,agents) $(call LIB_of,scheduler) $(call LIB_of,resolver) $(LIBS_graphs)
LIBS_cli       := $(call LIB_of,cli) $(LIBS_agents)

BIN := $(OUT)/gophersnake

.PHONY: all build setup convert check bench help clean install
# Two makes, so that the second one finds what the first has installed.
all: setup
	@$(MAKE) --no-print-directory build
build: $(BUILD)/release/gophersnake

# ---- set-up ----------------------------------------------------------------------------------------------------------
setup:
	@sh configs/setup.sh

# ---- use --------------------------------------------------------------------------------------------------------------
# W: workspace, R: requirements.
W ?= .gophersnake
R ?= django
convert: setup
	@$(MAKE) --no-print-directory build
	@$(BUILD)/release/gophersnake convert --workspace $(W) $(R)

PREFIX ?= /usr/local
install: build
	install -D -m 755 $(BUILD)/release/gophersnake $(DESTDIR)$(PREFIX)/bin/gophersnake
	install -D -m 644 docs/gophersnake.1 $(DESTDIR)$(PREFIX)/share/man/man1/gophersnake.1

# The man page comes from the table of commands; make check-style refuses one that is out of date.
docs/gophersnake.1: cli/options.c core/version.h
	@$(MAKE) --no-print-directory build
	@$(BUILD)/release/gophersnake --man > $@.new && mv $@.new $@

clean:
	rm -rf $(BUILD)

help:
	@sed -n 's/^#   make/  make/p' Makefile tests/tests.mk

# ---- build -----------------------------------------------------------------------------------------------------------
$(OUT)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

# The packs of proved Go (agents/pack.h).
PACKS := $(sort $(shell find translations -type f \( -name '*.go' -o -name pack.json -o -name calls.json \) 2>/dev/null))
# Files that travel inside the binary (core/asset.h), and the digest of those that decide the bytes of a conversion.
# tests and benchmarks of the runtime stay out.
ASSETS := $(sort $(shell find runtime agents/python agents/go/tool agents/translators scheduler configs -type f \( -name '*.py' -o -name '*.lua' -o -name '*.go' -o -name '*.c' \
          -o -name '*.h' -o -name 'go.mod' -o -name '*.yaml' -o -name '*.sum' -o -name '*.md' -o -path 'runtime/bundle/licenses/*' \) ! -path 'scheduler/*.c' ! -path 'scheduler/*.h' ! -path 'agents/translators/*.[ch]' ! -path 'runtime/pyrt/*.py' ! -path 'runtime/build/*' ! -path '*/internal/differ/*' ! -path '*/testdata/*' ! -name '*_test.go' ! -path '*/__pycache__/*')) LICENSE NOTICE $(PACKS)
GENERATOR := $(sort $(wildcard agents/go/*.c agents/go/*.h agents/python/*.py agents/python/*.c agents/emit*.c agents/publish*.c agents/border.c agents/wheel/pays.*)) \
             $(filter runtime/pyrt/%,$(ASSETS)) core/version.h

$(OUT)/assets.c: configs/assets.py $(ASSETS) $(GENERATOR) Makefile
	@mkdir -p $(@D)
	@echo "  GEN   $@"
	$(Q)python3 configs/assets.py --generator $(GENERATOR) --assets $(ASSETS) > $@.new && mv $@.new $@
$(OUT)/assets.o: $(OUT)/assets.c
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

define room_library
$(OUT)/lib$(1).a: $(OBJ_$(1))
	@rm -f $$@
	$(Q)ar rcs $$@ $$^
endef
$(foreach r,$(ROOMS),$(eval $(call room_library,$(r))))

$(OUT)/gophersnake: $(OUT)/cli/main.o $(LIBS_cli)
	@echo "  LINK  $@"
	$(Q)$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@
ifneq ($(VARIANT),release)
$(BUILD)/release/gophersnake: FORCE
	$(MAKE) VARIANT=release $@
endif
.PHONY: FORCE
FORCE:

# ---- unit tests: tests/unit/<room>/test_<thing>.c, linked with its room and what stands before it ---------------------
UNIT_ROOMS := $(notdir $(wildcard tests/unit/*))
UNIT_TESTS := $(patsubst tests/unit/%.c,$(OUT)/unit/%,$(sort $(wildcard tests/unit/*/test_*.c)))
define unit_rule
$(OUT)/unit/$(1)/%: tests/unit/$(1)/%.c $(LIBS_$(1)) Makefile
	@mkdir -p $$(@D)
	@echo "  TEST  $$<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $$< $(LDFLAGS) $(LIBS_$(1)) $(LDLIBS) -lcmocka -o $$@
endef
$(foreach r,$(ROOMS),$(eval $(call unit_rule,$(r))))
.PHONY: unit-programs
unit-programs: $(UNIT_TESTS)

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
include tests/tests.mk
