package dev.supportdb.model;

/** What a ticket can be about. The names are those of the values in the database. */
public enum TicketCategory {
    billing, technical, feature_request, bug_report, general_inquiry, account_management
}
