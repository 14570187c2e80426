/** Tests of what the session promises, from inside runs and from other sessions. */
package dev.supportdb.session;
