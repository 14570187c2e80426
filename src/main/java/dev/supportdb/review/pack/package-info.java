/** The review pack: a page, a comment and a file for programs, made of what the instrument saw. */
package dev.supportdb.review.pack;
