/** Tests of the whole: who uses whom, and which names stay. */
package dev.supportdb;
