package dev.supportdb.model;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Index;
import jakarta.persistence.Table;
import jakarta.persistence.UniqueConstraint;
import java.time.LocalDateTime;
import org.hibernate.annotations.ColumnDefault;
import org.hibernate.annotations.CreationTimestamp;
import org.hibernate.annotations.SourceType;
import org.hibernate.annotations.UpdateTimestamp;

/** Who answers tickets. */
@Entity
@Table(name = "users",
    uniqueConstraints = @UniqueConstraint(name = "users_email_key", columnNames = "email"),
    indexes = {
        @Index(name = "ix_users_email", columnList = "email"),
        @Index(name = "ix_users_role", columnList = "role")})
public class User {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private Integer id;

    @Column(nullable = false)
    private String email;

    @Column(nullable = false, length = 200)
    private String fullName;

    @Column(nullable = false, length = 50)
    @ColumnDefault("'agent'")
    private String role;

    @Column(nullable = false)
    @ColumnDefault("true")
    private Boolean isActive;

    @CreationTimestamp(source = SourceType.DB)
    @Column(nullable = false)
    @ColumnDefault("now()")
    private LocalDateTime createdAt;

    @UpdateTimestamp(source = SourceType.DB)
    @Column(nullable = false)
    @ColumnDefault("now()")
    private LocalDateTime updatedAt;
}
