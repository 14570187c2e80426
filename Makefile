# The project's commands. `make` lists them.

MVN    ?= mvn
ENV    ?= dev
LABELS ?=
COUNT  ?= 1
ROWS   ?= 100000

# Some systems export ENV with the path of a shell's startup file: that is no environment of ours.
env          := $(if $(findstring /,$(ENV)),dev,$(ENV))
environments := $(sort $(basename $(notdir $(wildcard contexts/*.properties))))
ifeq ($(filter $(env),$(environments)),)
$(error there is no environment $(env); there are: $(environments))
endif

define newline


endef

# The words that each target takes, beside ENV= and LABELS=.
words.rollback        := COUNT DISCARD
words.rollback-sql    := COUNT DISCARD from to branch
words.sql             := from to branch
words.upgrade         := to branch steps with-dependencies
words.downgrade       := to branch steps DISCARD
words.stamp           := to branch with-dependencies force
words.heads           := JSON OFFLINE
words.branches        := JSON
words.history         := JSON OFFLINE r branch
words.show            := JSON OFFLINE to
words.current         := JSON check
words.graph           := OFFLINE mermaid
words.revision        := JSON m ticket branch depends
words.merge           := JSON m ticket heads
words.autogenerate    := m ticket branch
words.lint            := JSON
words.check           := JSON
words.backfills       := JSON
words.backfill-pause  := NAME
words.backfill-resume := NAME
words.backfill-cancel := NAME
words.backfill-set    := NAME BATCH_TIME WORKERS REST_RATIO
words.backfill-work   := NAME
words.test-one        := T
words.rollback-check  := ROWS
words.rehearse        := ROWS
words.chaos           := ROWS SEED ONE_IN
words.bench           := ROWS ROUNDS ONLY SIZES RATE BASELINE SEED

# What make does not know it would pass over, and make upgrade go all the way for a misspelt TO=016, or for 016 alone.
targets := $(shell awk -F: '/^[a-z-]+:.*## / {print $$1}' Makefile) tools target/%
goals   := $(or $(MAKECMDGOALS),help)
words   := $(sort $(foreach table,$(filter words.%,$(.VARIABLES)),$($(table))))
taken   := $(foreach goal,$(goals),$(words.$(goal)))
small    = $(shell printf '%s\n' $(1) | grep -x '[[:lower:]-]*')
typed   := $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
meant   := $(call small,$(typed)) $(shell printf '%s\n' $(typed) | grep -xi $(words:%=-e %))
unknown := $(sort $(filter-out cli models $(taken),$(meant)))
ifneq ($(filter-out $(targets),$(goals)),)
$(error there is no target $(filter-out $(targets),$(goals)); make lists them, and a name goes with to=)
endif
ifneq ($(unknown),)
$(error make $(goals) takes no $(unknown:%=%=); it takes ENV= LABELS= $(taken:%=%=))
endif
# Nor does it take a word that only happens to be in the environment, such as force=1, for one that was typed.
$(foreach word,NAME DISCARD $(call small,$(words)),$(if $(filter environment,$(origin $(word))),$(eval $(word) :=)))
$(foreach name,$(filter to from branch steps,$(typed)),\
	$(if $(value $(name)),,$(error $(name)= is empty: give it a value or leave it out)))
$(foreach name,LABELS $(filter $(words),$(typed)),\
	$(if $(findstring $(newline),$(value $(name))),$(error $(name)= has several lines: give it one)))
$(foreach name,$(filter check force mermaid with-dependencies JSON OFFLINE,$(typed)),\
	$(if $(filter 1,$(value $(name))),,$(error $(name)=1, or leave it out)))

# Handed on to the shell, they would be expanded first.
unexport LABELS $(words)

# Maven runs on this one.
java      := $(if $(JAVA_HOME),$(JAVA_HOME)/bin/)java
# What people type goes to the shell as it is.
quoted     = '$(subst ','\'',$(value $(1)))'
given      = $(if $(value $(1)),$(2)=$(call quoted,$(1)))
ifneq ($(shell printf '%s' $(call quoted,COUNT) | grep -cx '[1-9][0-9]*'),1)
$(error COUNT= is how many, a whole number from 1 on)
endif
liquibase  = $(MVN) compile -Denv=$(env) $(call given,LABELS,-Dliquibase.labels)
discard    = $(call given,DISCARD,-Dsupportdb.rollback.discard)
cli        = '$(java)' $$(cat .mvn/jvm.config) $(discard) -cp "target/classes:$$(cat target/classpath)" \
	dev.supportdb.cli.Main
models     = '$(java)' $$(cat .mvn/jvm.config) -cp "target/models/classes:$$(cat target/models/classpath)" \
	dev.supportdb.cli.Main
options    = --env=$(env) --labels=$(call quoted,LABELS)

.PHONY: help up down reset update rollback sql rollback-sql status backfills backfill-pause backfill-resume \
	backfill-cancel backfill-set backfill-work test test-one lint check autogenerate rollback-check rehearse chaos bench tools

help: ## this list
	@echo 'make TARGET [ENV=$(subst $(eval) ,|,$(environments))] [LABELS=filter]'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' Makefile

up: target/classpath ## start a PostgreSQL, unless DATABASE_URL names one, and bring its database up to date
	@$(cli) up $(options)

down: target/classpath ## stop that PostgreSQL; its data stays
	@$(cli) down

reset: target/classpath ## stop it and delete its data
	@$(cli) reset

update: tools ## run what is pending
	$(liquibase) liquibase:update

rollback: tools ## undo the last COUNT=1 changesets; what may be lost is named by DISCARD=
	$(liquibase) liquibase:rollback -Dliquibase.rollbackCount=$(call quoted,COUNT) $(discard)

# By names, as make show understands them.
.PHONY: upgrade downgrade stamp
destination  = $(call given,to,--to) $(call given,branch,--branch)
count        = $(call given,steps,--steps)
dependencies = $(if $(with-dependencies),--with-dependencies)

upgrade: target/classpath ## go to=016, crm@head, heads, or steps=2 on, branch=crm; with-dependencies=1
	@$(cli) upgrade $(options) $(destination) $(count) $(dependencies)

downgrade: target/classpath ## go back to=016, before-016, crm@-1, base, or steps=1, branch=crm; DISCARD= as above
	@$(cli) downgrade $(options) $(destination) $(count)

stamp: target/classpath ## record that it is at to=016, which has to be true or force=1, and run nothing
	@$(cli) stamp $(options) $(destination) $(dependencies) $(if $(force),--force)

sql: tools ## write the SQL of the next update, or from=016 to=024 for any, to target/liquibase/migrate.sql
rollback-sql: tools ## write the SQL of undoing the last COUNT=1 changesets, or from=024 to=016, to the same file

# From and to names no database is asked.
ifeq ($(value from)$(value to)$(value branch),)
sql:
	$(liquibase) liquibase:updateSQL
rollback-sql:
	$(liquibase) liquibase:rollbackSQL -Dliquibase.rollbackCount=$(call quoted,COUNT) $(discard)
else
sql rollback-sql: target/classpath
	@$(cli) sql $(options) $(destination) $(call given,from,--from) $(if $(filter rollback-sql,$@),--rollback)
endif

status: tools ## say what is pending
	$(liquibase) liquibase:status

# What the changelog says, and where the database is on it: JSON=1 for a program, OFFLINE=1 to ask no database.
.PHONY: heads branches history show current graph
json    = $(if $(JSON),--json)
offline = $(if $(OFFLINE),--offline)

heads: target/classpath ## say which is the last feature of each branch
	@$(cli) heads $(options) $(offline) $(json)

branches: target/classpath ## say which branches there are, and which others each of them needs
	@$(cli) branches $(options) $(json)

history: target/classpath ## list the features and what is applied, all or r=016:021, branch=crm
	@$(cli) history $(options) $(offline) $(json) $(call given,r,--range) $(call given,branch,--branch)

show: target/classpath ## show the feature or changeset to=016, 016-05, ticket_metrics, crm@head, -1, ...
	@$(cli) show $(options) $(offline) $(json) -- $(call quoted,to)

current: target/classpath ## say where the database is on each branch; check=1 to fail when anything is pending
	@$(cli) current $(options) $(json) $(if $(check),--check)

graph: target/classpath ## draw it to target/graph.svg and target/graph.mmd; mermaid=1 prints the latter
	@$(cli) graph $(options) $(offline) $(if $(mermaid),--mermaid)

# What begins a feature: m="what it does", ticket=SUP-12.
.PHONY: revision merge
feature = $(options) $(json) $(call given,m,--message) $(call given,ticket,--ticket)

revision: target/classpath ## begin a feature: its file and include, m="add x" branch=crm depends=008_audit_log
	@$(cli) revision $(feature) $(call given,branch,--branch) $(call given,depends,--depends)

merge: target/classpath ## begin one that waits for several branches, m="merge x" heads="main reporting"
	@$(cli) merge $(feature) $(call given,heads,--heads)

backfills: target/classpath ## say how far each backfill is, JSON=1 for a program
	@$(cli) backfills $(options) $(if $(JSON),--json)

backfill-pause: ## let the backfill NAME= rest until further notice
backfill-resume: ## let it go on
backfill-cancel: ## end its run; the same command goes on where it was
backfill-pause backfill-resume backfill-cancel: backfill-%: target/classpath
	@$(cli) backfills $* $(options) $(call quoted,NAME)

backfill-set: target/classpath ## change its BATCH_TIME=ms, WORKERS= or REST_RATIO=, also while it runs, or back to default
	@$(cli) backfills set $(options) $(call quoted,NAME) $(call given,BATCH_TIME,--batch-time) \
		$(call given,WORKERS,--workers) $(call given,REST_RATIO,--rest-ratio)

backfill-work: target/classpath ## work on those under way elsewhere, or on NAME= alone, until nothing is left
	@$(cli) backfills work $(options) $(call quoted,NAME)

test: tools ## run every test
	$(MVN) test

test-one: tools ## run the tests of the class T=
	$(MVN) test $(or $(call given,T,-Dtest),$(error say which: make test-one T=BackfillRunTest))

lint: target/classpath ## say what the changelog must not do, and what to write instead; JSON=1 for a program
	@$(cli) lint $(if $(JSON),--json)

check: target/models/classpath ## compare database and JPA classes with what the changelog makes on SCRATCH_URL=
	@$(models) check $(options) $(if $(JSON),--json)

autogenerate: target/models/classpath ## write the changesets that the JPA classes ask for, m='add tags' branch= ticket=
	@$(models) autogenerate $(options) $(or $(call given,m,--message),$(error say what: make autogenerate m="add tags")) \
		$(call given,branch,--branch) $(call given,ticket,--ticket)

rollback-check: ROWS = 500
rollback-check: target/classpath ## run, undo and run again each changeset, on no data, demo data, hostile data
	@$(cli) rollback-check $(options) $(call given,ROWS,--rows)

rehearse: target/classpath ## go forward, back and forward again on a scratch database of ROWS=100000 tickets
	@$(cli) rehearse $(options) $(call given,ROWS,--rows)

program = '$(java)' $$(cat .mvn/jvm.config) -cp "target/test-classes:target/classes:$$(cat target/test-classpath)"

chaos: target/test-classpath ## break off migrations of ROWS=100000 tickets in every way, as SEED= draws them, for docs/reliability.md
	@$(program) dev.supportdb.chaos.Chaos $(call given,ROWS,--rows) $(call given,SEED,--seed) $(call given,ONE_IN,--one-in)

bench: ROWS = 1000000
bench: target/test-classpath ## measure the backfills on ROWS=1000000 tickets, or ONLY=speed,loop,slope,load,contacts
	@$(program) dev.supportdb.bench.Bench $(call given,ROWS,--rows) $(call given,ROUNDS,--rounds) $(call given,ONLY,--only) \
		$(call given,SIZES,--sizes) $(call given,RATE,--rate) $(call given,BASELINE,--baseline) $(call given,SEED,--seed)

tools:
	@command -v $(firstword $(MVN)) >/dev/null \
		|| { echo 'Maven 3.8 or later is needed, and there is no $(firstword $(MVN)) on the PATH.' >&2; exit 1; }
	@version=$$('$(java)' -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p'); test "$${version:-0}" -ge 17 \
		|| { echo "Java 17 or later is needed, and $(java) is $${version:-not there}." >&2; exit 1; }

target/classpath: pom.xml $(shell find src/main) | tools
	$(MVN) -q compile dependency:build-classpath -DincludeScope=runtime -Dmdep.outputFile=$@
	@touch $@

# With Hibernate, and the JPA classes of src/models.
target/models/classpath: pom.xml $(shell find src/main src/models) | tools
	$(MVN) -q -Pmodels compile dependency:build-classpath -DincludeScope=runtime -Dmdep.outputFile=$@
	@touch $@

target/test-classpath: pom.xml $(shell find src) | tools
	$(MVN) -q test-compile dependency:build-classpath -DincludeScope=test -Dmdep.outputFile=$@
	@touch $@
