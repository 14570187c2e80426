/** Tests of the room deploy. */
package dev.supportdb.deploy;
