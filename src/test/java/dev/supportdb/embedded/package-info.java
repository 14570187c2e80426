/** Tests of the embedded server: it starts, stops and survives what machines do to it. */
package dev.supportdb.embedded;
