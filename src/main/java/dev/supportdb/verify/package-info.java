/** Proofs on scratch databases: drift, the way back of every changeset, a rehearsal of real size. */
package dev.supportdb.verify;
