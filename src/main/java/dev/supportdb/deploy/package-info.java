/** Moving a database along the changelog: checks before a run, the run itself, and the rehearsal of it on a scratch database. */
package dev.supportdb.deploy;
