/** What the session promises, seen from inside the runs and from other sessions. */
package dev.supportdb.session;
