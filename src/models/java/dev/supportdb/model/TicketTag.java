package dev.supportdb.model;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Index;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import jakarta.persistence.UniqueConstraint;
import java.time.LocalDateTime;
import org.hibernate.annotations.CreationTimestamp;
import org.hibernate.annotations.OnDelete;
import org.hibernate.annotations.OnDeleteAction;
import org.hibernate.annotations.SourceType;

/** That a ticket bears a tag. */
@Entity
@Table(name = "ticket_tags",
    uniqueConstraints = @UniqueConstraint(name = "uq_ticket_tags_ticket_tag", columnNames = {"ticket_id", "tag_id"}),
    indexes = {
        @Index(name = "ix_ticket_tags_ticket_id", columnList = "ticket_id"),
        @Index(name = "ix_ticket_tags_tag_id", columnList = "tag_id")})
public class TicketTag {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private Integer id;

    @ManyToOne(fetch = FetchType.LAZY, optional = false)
    @JoinColumn(nullable = false)
    @OnDelete(action = OnDeleteAction.CASCADE)
    private Ticket ticket;

    @ManyToOne(fetch = FetchType.LAZY, optional = false)
    @JoinColumn(nullable = false)
    @OnDelete(action = OnDeleteAction.CASCADE)
    private Tag tag;

    @CreationTimestamp(source = SourceType.DB)
    @Column(nullable = false)
    private LocalDateTime createdAt;
}
