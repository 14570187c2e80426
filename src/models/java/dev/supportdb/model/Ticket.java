package dev.supportdb.model;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.ForeignKey;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Index;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import java.time.LocalDateTime;
import org.hibernate.annotations.ColumnDefault;
import org.hibernate.annotations.CreationTimestamp;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.annotations.OnDelete;
import org.hibernate.annotations.OnDeleteAction;
import org.hibernate.annotations.SourceType;
import org.hibernate.annotations.UpdateTimestamp;
import org.hibernate.type.SqlTypes;

/** One request of a customer, from its opening to its end. */
@Entity
@Table(name = "tickets",
    indexes = {
        @Index(name = "ix_tickets_status", columnList = "status"),
        @Index(name = "ix_tickets_priority", columnList = "priority"),
        @Index(name = "ix_tickets_customer_id", columnList = "customer_id"),
        @Index(name = "ix_tickets_assigned_user_id", columnList = "assigned_user_id"),
        @Index(name = "ix_tickets_created_at", columnList = "created_at"),
        @Index(name = "ix_tickets_sla_deadline", columnList = "sla_deadline"),
        @Index(name = "ix_tickets_sla_violated", columnList = "sla_violated"),
        @Index(name = "ix_tickets_status_assigned_user", columnList = "status, assigned_user_id"),
        @Index(name = "ix_tickets_customer_created", columnList = "customer_id, created_at"),
        @Index(name = "ix_tickets_priority_status", columnList = "priority, status"),
        @Index(name = "ix_tickets_category", columnList = "category"),
        @Index(name = "ix_tickets_subcategory_id", columnList = "subcategory_id"),
        @Index(name = "ix_tickets_total_comments", columnList = "total_comments")})
public class Ticket {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private Integer id;

    @ManyToOne(fetch = FetchType.LAZY, optional = false)
    @JoinColumn(nullable = false)
    @OnDelete(action = OnDeleteAction.CASCADE)
    private Customer customer;

    @ManyToOne(fetch = FetchType.LAZY)
    @OnDelete(action = OnDeleteAction.SET_NULL)
    private User assignedUser;

    @Column(nullable = false, length = 1000)
    private String subject;

    @Column(nullable = false, columnDefinition = "text")
    private String description;

    @Column(nullable = false, length = 50)
    @ColumnDefault("'OPEN'")
    private String status;

    @JdbcTypeCode(SqlTypes.NAMED_ORDINAL_ENUM)
    @Column(nullable = false)
    @ColumnDefault("'normal'")
    private TicketPriority priority;

    @JdbcTypeCode(SqlTypes.NAMED_ORDINAL_ENUM)
    @Column(nullable = false)
    @ColumnDefault("'general_inquiry'")
    private TicketCategory category;

    @ManyToOne(fetch = FetchType.LAZY)
    @JoinColumn(foreignKey = @ForeignKey(name = "fk_tickets_subcategory"))
    @OnDelete(action = OnDeleteAction.SET_NULL)
    private TicketSubcategory subcategory;

    @Column(nullable = false, columnDefinition = "text")
    @ColumnDefault("'Pending resolution'")
    private String resolutionNotes;

    @CreationTimestamp(source = SourceType.DB)
    @Column(nullable = false)
    @ColumnDefault("now()")
    private LocalDateTime createdAt;

    @UpdateTimestamp(source = SourceType.DB)
    @Column(nullable = false)
    @ColumnDefault("now()")
    private LocalDateTime updatedAt;

    private LocalDateTime resolvedAt;

    private LocalDateTime slaDeadline;

    @Column(nullable = false)
    @ColumnDefault("false")
    private Boolean slaViolated;

    @Column(nullable = false)
    @ColumnDefault("0")
    private Integer totalComments;

    @Column(nullable = false)
    @ColumnDefault("0")
    private Integer agentResponses;

    @Column(nullable = false)
    @ColumnDefault("0")
    private Integer customerResponses;

    private Integer firstResponseTimeSeconds;

    private Integer resolutionTimeSeconds;

    private Integer satisfactionRating;
}
