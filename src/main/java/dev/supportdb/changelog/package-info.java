/** What the files say: features, the branches they are on, what they need, and the names a human types for them. */
package dev.supportdb.changelog;
