package dev.supportdb.generate;

import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;

/** The JPA classes. They are there only where the Maven profile {@code models} is: nothing else needs Hibernate. */
public interface JpaModels {

    /** The message where they are missing. */
    String MISSING = "They are only in the Maven profile models, which ./supportdb uses for check and autogenerate.";

    /**
     * A step of making their tables.
     *
     * @param owner the class whose table it is about; empty where it is about none
     * @param sql   a statement
     */
    record Step(String owner, String sql) {}

    /** The statements that create their tables in an empty database. */
    List<Step> ddl();

    /** Tables, and columns as {@code table.column}, that are left to the changelog. */
    Set<String> unmapped();

    /** The models that this loader finds. */
    static Optional<JpaModels> find(ClassLoader loader) {
        return ServiceLoader.load(JpaModels.class, loader).findFirst();
    }
}
