/** The model of the files: features, branches, positions, names, label filters. */
package dev.supportdb.changelog;
