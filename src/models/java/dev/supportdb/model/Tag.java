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
import org.hibernate.annotations.CreationTimestamp;
import org.hibernate.annotations.SourceType;

/** A label that tickets can bear. */
@Entity
@Table(name = "tags",
    uniqueConstraints = @UniqueConstraint(name = "tags_name_key", columnNames = "name"),
    indexes = @Index(name = "ix_tags_name", columnList = "name"))
public class Tag {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private Integer id;

    @Column(nullable = false, length = 100)
    private String name;

    @Column(nullable = false, length = 7)
    private String color = "#808080";

    @CreationTimestamp(source = SourceType.DB)
    @Column(nullable = false)
    private LocalDateTime createdAt;
}
