/** Moving a database along the changelog: checks before a run, the run, its rehearsal, the proof of its way back. */
package dev.supportdb.deploy;
