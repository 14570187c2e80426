package dev.supportdb.model;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Index;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import java.time.LocalDateTime;
import java.util.Map;
import org.hibernate.annotations.ColumnDefault;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.annotations.OnDelete;
import org.hibernate.annotations.OnDeleteAction;
import org.hibernate.type.SqlTypes;

/** What was done to a ticket. It outlives the ticket, hence no relation to it. */
@Entity
@Table(name = "ticket_audit_log",
    indexes = {
        @Index(name = "ix_audit_ticket_id", columnList = "ticket_id"),
        @Index(name = "ix_audit_user_id", columnList = "user_id"),
        @Index(name = "ix_audit_action", columnList = "action"),
        @Index(name = "ix_audit_changed_at", columnList = "changed_at")})
public class TicketAuditEntry {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private Integer id;

    @Column(nullable = false)
    private Integer ticketId;

    @ManyToOne(fetch = FetchType.LAZY)
    @OnDelete(action = OnDeleteAction.SET_NULL)
    private User user;

    @Column(nullable = false, length = 50)
    private String action;

    @Column(length = 100)
    private String fieldName;

    @Column(columnDefinition = "text")
    private String oldValue;

    @Column(columnDefinition = "text")
    private String newValue;

    @JdbcTypeCode(SqlTypes.JSON)
    private Map<String, Object> metadata;

    @Column(nullable = false)
    @ColumnDefault("now()")
    private LocalDateTime changedAt;
}
