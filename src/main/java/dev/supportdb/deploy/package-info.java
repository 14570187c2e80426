/** Deployments in production, and backups that are known to restore. */
package dev.supportdb.deploy;
