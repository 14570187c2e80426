package dev.supportdb.generate;

import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;

/** The JPA classes, which exist only with the Maven profile {@code models}: nothing else needs Hibernate. */
public interface JpaModels {

    /** The message if the classes are missing. */
    String MISSING = "They are only in the Maven profile models, which ./supportdb uses for check and autogenerate.";

    /**
     * A statement that creates a part of the tables.
     *
     * @param owner the class of the table; empty if it belongs to none
     * @param sql   the statement
     */
    record Step(String owner, String sql) {}

    /** The statements that create the tables in an empty database. */
    List<Step> ddl();

    /** Tables, and columns as {@code table.column}, that only the changelog defines. */
    Set<String> unmapped();

    /** Finds the models on this loader's class path. */
    static Optional<JpaModels> find(ClassLoader loader) {
        return ServiceLoader.load(JpaModels.class, loader).findFirst();
    }
}
