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
import jakarta.persistence.UniqueConstraint;
import java.time.LocalDateTime;
import org.hibernate.annotations.ColumnDefault;
import org.hibernate.annotations.CreationTimestamp;
import org.hibernate.annotations.OnDelete;
import org.hibernate.annotations.OnDeleteAction;
import org.hibernate.annotations.SourceType;

/** What a customer thought of how a ticket was answered. */
@Entity
@Table(name = "satisfaction_surveys",
    uniqueConstraints = @UniqueConstraint(name = "uq_surveys_ticket", columnNames = "ticket_id"),
    indexes = {
        @Index(name = "ix_surveys_ticket_id", columnList = "ticket_id"),
        @Index(name = "ix_surveys_customer_id", columnList = "customer_id"),
        @Index(name = "ix_surveys_rating", columnList = "rating"),
        @Index(name = "ix_surveys_completed_at", columnList = "survey_completed_at")})
public class SatisfactionSurvey {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private Integer id;

    @ManyToOne(fetch = FetchType.LAZY, optional = false)
    @JoinColumn(nullable = false, foreignKey = @ForeignKey(name = "fk_surveys_ticket"))
    @OnDelete(action = OnDeleteAction.CASCADE)
    private Ticket ticket;

    @ManyToOne(fetch = FetchType.LAZY, optional = false)
    @JoinColumn(nullable = false, foreignKey = @ForeignKey(name = "fk_surveys_customer"))
    @OnDelete(action = OnDeleteAction.CASCADE)
    private Customer customer;

    @Column(nullable = false)
    private Integer rating;

    @Column(columnDefinition = "text")
    private String feedback;

    @Column(nullable = false)
    private LocalDateTime surveySentAt;

    @Column(nullable = false)
    @ColumnDefault("now()")
    private LocalDateTime surveyCompletedAt;

    @CreationTimestamp(source = SourceType.DB)
    @Column(nullable = false)
    @ColumnDefault("now()")
    private LocalDateTime createdAt;
}
