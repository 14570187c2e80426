package dev.supportdb.model;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.UniqueConstraint;
import org.hibernate.annotations.ColumnDefault;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

/** A subcategory that a ticket can have, and how fast it must be answered. */
@Entity
@Table(name = "ticket_categories",
    uniqueConstraints = @UniqueConstraint(name = "uq_category_subcategory", columnNames = {"category", "subcategory"}))
public class TicketSubcategory {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private Integer id;

    @JdbcTypeCode(SqlTypes.NAMED_ORDINAL_ENUM)
    @Column(nullable = false)
    private TicketCategory category;

    @Column(nullable = false, length = 100)
    private String subcategory;

    @Column(nullable = false)
    private Integer slaHours;

    @Column(columnDefinition = "text")
    private String description;

    @Column(nullable = false)
    @ColumnDefault("true")
    private Boolean isActive;
}
