# Tests and checks; included by the Makefile.

.PHONY: test-unit test-check
# The unit tests of one variant: run by `make VARIANT=check test-unit`. T=core/text runs one.
T ?=
test-unit: $(if $(T),$(OUT)/unit/$(dir $(T))test_$(notdir $(T)),$(UNIT_TESTS))
	@set -e; for t in $^; do echo "# $$t"; $$t; done
