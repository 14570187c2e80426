package dev.supportdb.model;

/** How urgent a ticket is, least urgent first. The names are those of the values in the database. */
public enum TicketPriority {
    low, normal, high, urgent
}
