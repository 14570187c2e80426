# The daily work in one word each: `make` lists it. Whatever takes a name or an option is a command of ./supportdb.

ENV    ?= dev
LABELS ?=
COUNT  :=
ROWS   :=

# The words that each target takes.
words.up             := ENV LABELS
words.update         := ENV LABELS
words.rollback       := ENV LABELS COUNT
words.sql            := ENV LABELS
words.rollback-sql   := ENV LABELS COUNT
words.status         := ENV LABELS
words.check          := ENV LABELS
words.rollback-check := ENV LABELS ROWS
words.review         := ENV LABELS ROWS
words.rehearse       := ENV LABELS ROWS
words.deploy         := ENV LABELS
words.chaos          := ROWS
words.bench          := ROWS

# make would ignore an unknown word and do something else than was meant; so it is refused.
define newline


endef
override targets := help up down reset update rollback sql rollback-sql status test lint check review rollback-check \
	rehearse deploy chaos bench
override goals   := $(or $(MAKECMDGOALS),help)
override taken   := $(foreach goal,$(goals),$(words.$(goal)))
override typed   := $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
override unknown := $(filter-out $(targets),$(goals))
override refused := $(sort $(filter-out $(taken),$(typed)))
override others  := Names and options are for ./supportdb, which lists its commands
$(if $(unknown),$(error make has no target $(unknown), but $(targets). $(others): ./supportdb $(unknown) --help))
$(if $(refused),$(error make $(goals) takes no $(refused:%=%=)$(if $(taken), but $(sort $(taken:%=%=))). $(others)))
$(foreach name,ENV LABELS COUNT ROWS,\
	$(if $(findstring $(newline),$(value $(name))),$(error $(name)= has several lines: give it one)))

# Values are passed on exactly as typed: make would expand exported variables, and the shell unquoted words.
unexport ENV LABELS COUNT ROWS
MAKEOVERRIDES :=
override given    = $(if $(value $(1)),$(2)='$(subst ','\'',$(value $(1)))')
override options  = $(call given,ENV,--env) $(call given,LABELS,--labels)

.PHONY: $(targets)

help: ## this list
	@echo 'make TARGET [ENV=dev] [LABELS=filter]; ./supportdb lists the commands that take names'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' Makefile

up: ## start a PostgreSQL, unless DATABASE_URL names one, and bring its database up to date
	@./supportdb up $(options)

down: ## stop that PostgreSQL; its data stays
	@./supportdb down

reset: ## stop it and delete its data
	@./supportdb reset

update: ## run what is pending
	@./supportdb update $(options)

rollback: ## undo the last COUNT=1 changesets
	@./supportdb rollback $(options) $(call given,COUNT,--count)

sql: ## write the SQL of the next update to target/liquibase/migrate.sql
	@./supportdb sql $(options)

rollback-sql: ## write the SQL of undoing the last COUNT=1 changesets to the same file
	@./supportdb rollback-sql $(options) $(call given,COUNT,--count)

status: ## list what is pending
	@./supportdb status $(options)

test: ## run every test
	@./supportdb test

lint: ## find what is unsafe in the changelog, and show what to write instead
	@./supportdb lint

check: ## compare database and JPA classes with what the changelog makes
	@./supportdb check $(options)

review: ## measure what is pending on ROWS=100000 rows a table; writes target/review/index.html
	@./supportdb review $(options) $(call given,ROWS,--rows)

rollback-check: ## run, undo and run again each changeset, on no data, demo data, hostile data
	@./supportdb rollback-check $(options) $(call given,ROWS,--rows)

rehearse: ## go forward, back and forward again on a scratch database of ROWS=100000 tickets
	@./supportdb rehearse $(options) $(call given,ROWS,--rows)

deploy: ## check, plan, ask, back up, update, verify: for production
	@./supportdb deploy $(options)

chaos: ## interrupt migrations of ROWS=100000 tickets in every way; writes docs/reliability.md
	@./supportdb chaos $(call given,ROWS,--rows)

bench: ## measure the backfills on ROWS=1000000 tickets
	@./supportdb bench $(call given,ROWS,--rows)
