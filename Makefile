# Every command prepares what it needs by itself: a virtual environment, servers, a database.
# Variables: NETOPS_PYTHON (interpreter), NETOPS_STATE (state directory), NETOPS_CACHE (cache directory).

LAB = sh lab/bootstrap.sh

.DEFAULT_GOAL := help
.PHONY: help demo demo-check test lint bench chaos clean clean-cache

help:  ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

demo:  ## NetBox with the plugin and a simulated network, until Ctrl-C
	@$(LAB) -m demo up

demo-check:  ## boot the demo, scan all of it, compare with an independent walk; one JSON line
	@$(LAB) -m demo check

test:  ## lint, unit, integration and end-to-end tests; ARGS='tests/unit -k name' for some
	@$(LAB) -m lab.tasks test $(ARGS)

lint:  ## ruff: rules and format
	@$(LAB) -m lab.tasks lint

bench:  ## all benchmarks, or NAME=name for one; one JSON line each
	@$(LAB) -m lab.tasks bench $(NAME)

chaos:  ## let everything fail during a run of 2,000 devices; one JSON line; CHAOS_SEED, CHAOS_ROUNDS
	@$(LAB) -m lab.tasks chaos

clean:  ## remove the state directory and what builds left in the checkout
	@$(LAB) --clean

clean-cache:  ## remove the migrated databases and indexes kept outside the checkout
	@$(LAB) --clean-cache
