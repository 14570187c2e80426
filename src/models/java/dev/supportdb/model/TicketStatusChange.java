package dev.supportdb.model;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.ForeignKey;
import jakarta.persistence.Id;
import jakarta.persistence.Index;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.UUID;
import org.hibernate.annotations.ColumnDefault;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.annotations.OnDelete;
import org.hibernate.annotations.OnDeleteAction;
import org.hibernate.type.SqlTypes;

/** Which status a ticket had when, and who changed it. */
@Entity
@Table(name = "ticket_status_changes",
    indexes = {
        @Index(name = "idx_ticket_status_changes_ticket_id", columnList = "ticket_id"),
        @Index(name = "idx_ticket_status_changes_changed_at", columnList = "changed_at")})
public class TicketStatusChange {

    @Id
    @ColumnDefault("gen_random_uuid()")
    private UUID id;

    @ManyToOne(fetch = FetchType.LAZY, optional = false)
    @JoinColumn(nullable = false, foreignKey = @ForeignKey(name = "fk_ticket_status_changes_ticket_id"))
    @OnDelete(action = OnDeleteAction.CASCADE)
    private Ticket ticket;

    @Column(length = 50)
    private String oldStatus;

    @Column(nullable = false, length = 50)
    private String newStatus;

    private String changedBy;

    @Column(nullable = false)
    @ColumnDefault("now()")
    private OffsetDateTime changedAt;

    @Column(columnDefinition = "text")
    private String comment;

    @JdbcTypeCode(SqlTypes.JSON)
    @Column(nullable = false)
    @ColumnDefault("'{}'")
    private Map<String, Object> metadata;
}
