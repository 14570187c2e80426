/** Checks that every update and rollback passes before anything is changed, and the change {@code refuse}. */
package dev.supportdb.preflight;
