/** Objects that other people have made on and around the tables of a changelog. */
package dev.supportdb.objects;
