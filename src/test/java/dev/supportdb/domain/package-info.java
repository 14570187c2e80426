/** Tests of what the changelog builds, and that it takes the data along. */
package dev.supportdb.domain;
