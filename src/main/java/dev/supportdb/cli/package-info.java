/** The commands of {@code ./supportdb}, one class each; make calls some of them. */
package dev.supportdb.cli;
