/** The schema as JPA classes, as an application would have them; fields alone, to be compared. */
package dev.supportdb.model;
