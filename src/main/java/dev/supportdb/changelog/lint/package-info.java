/** What a changelog must not say, and what it should say instead. Reads files and runs nothing. */
package dev.supportdb.changelog.lint;
