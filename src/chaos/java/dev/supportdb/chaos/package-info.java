/** Breaks migrations off in every way there is, runs the same command again, and looks whether anything is wrong. */
package dev.supportdb.chaos;
