/** Moving a database along the changelog: the checks before a run, the run itself, and its rehearsal. */
package dev.supportdb.deploy;
