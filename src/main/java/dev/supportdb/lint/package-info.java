/** Rules on the changelog's files, and what to write instead. Runs nothing. */
package dev.supportdb.lint;
