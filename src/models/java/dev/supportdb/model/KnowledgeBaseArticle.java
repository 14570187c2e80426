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
import java.time.OffsetDateTime;
import org.hibernate.annotations.ColumnDefault;
import org.hibernate.annotations.CreationTimestamp;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.annotations.OnDelete;
import org.hibernate.annotations.OnDeleteAction;
import org.hibernate.annotations.SourceType;
import org.hibernate.annotations.UpdateTimestamp;
import org.hibernate.type.SqlTypes;

/** An article for customers and agents to read. */
@Entity
@Table(name = "knowledge_base_articles",
    uniqueConstraints = @UniqueConstraint(name = "uq_kb_articles_slug", columnNames = "slug"),
    indexes = @Index(name = "idx_kb_articles_author_id", columnList = "author_id"))
public class KnowledgeBaseArticle {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private Integer id;

    @Column(nullable = false, length = 200)
    private String slug;

    @Column(nullable = false, length = 500)
    private String title;

    @Column(nullable = false, columnDefinition = "text")
    private String body;

    @JdbcTypeCode(SqlTypes.NAMED_ORDINAL_ENUM)
    @Column(nullable = false)
    @ColumnDefault("'general_inquiry'")
    private TicketCategory category;

    @Column(nullable = false, length = 20)
    @ColumnDefault("'draft'")
    private String status;

    @ManyToOne(fetch = FetchType.LAZY)
    @JoinColumn(foreignKey = @ForeignKey(name = "fk_kb_articles_author_id"))
    @OnDelete(action = OnDeleteAction.SET_NULL)
    private User author;

    private OffsetDateTime publishedAt;

    @CreationTimestamp(source = SourceType.DB)
    @Column(nullable = false)
    @ColumnDefault("now()")
    private OffsetDateTime createdAt;

    @UpdateTimestamp(source = SourceType.DB)
    @Column(nullable = false)
    @ColumnDefault("now()")
    private OffsetDateTime updatedAt;
}
