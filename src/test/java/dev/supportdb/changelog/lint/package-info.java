/** Tests of {@link dev.supportdb.changelog.lint}. */
package dev.supportdb.changelog.lint;
