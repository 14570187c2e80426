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
import java.time.LocalDateTime;
import org.hibernate.annotations.ColumnDefault;
import org.hibernate.annotations.CreationTimestamp;
import org.hibernate.annotations.OnDelete;
import org.hibernate.annotations.OnDeleteAction;
import org.hibernate.annotations.SourceType;

/** How a customer can be reached. */
@Entity
@Table(name = "customer_contacts",
    indexes = {
        @Index(name = "ix_contacts_customer_id", columnList = "customer_id"),
        @Index(name = "ix_contacts_type", columnList = "contact_type"),
        @Index(name = "ix_contacts_primary", columnList = "customer_id, is_primary")})
public class CustomerContact {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private Integer id;

    @ManyToOne(fetch = FetchType.LAZY, optional = false)
    @JoinColumn(nullable = false)
    @OnDelete(action = OnDeleteAction.CASCADE)
    private Customer customer;

    @Column(nullable = false, length = 50)
    private String contactType;

    @Column(nullable = false)
    private String contactValue;

    @Column(nullable = false)
    @ColumnDefault("false")
    private Boolean isPrimary;

    @Column(nullable = false)
    @ColumnDefault("false")
    private Boolean isVerified;

    @CreationTimestamp(source = SourceType.DB)
    @Column(nullable = false)
    @ColumnDefault("now()")
    private LocalDateTime createdAt;
}
