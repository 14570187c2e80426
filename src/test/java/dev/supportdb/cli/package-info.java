/** Tests of the commands: the settings they read, and what a person sees. */
package dev.supportdb.cli;
