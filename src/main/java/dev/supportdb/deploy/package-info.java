/** Moving a database along the changelog: the checks before a run, the run itself, its rehearsal, its way back proven. */
package dev.supportdb.deploy;
