/** The commands behind the Makefile: one small class each, over the rooms that do the work. */
package dev.supportdb.cli;
