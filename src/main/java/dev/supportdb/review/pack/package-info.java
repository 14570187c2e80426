/** The review pack: a page, a comment and a file for programs, made from the measurements. */
package dev.supportdb.review.pack;
