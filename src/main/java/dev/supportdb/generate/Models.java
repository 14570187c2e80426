package dev.supportdb.generate;

import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;

/** The JPA classes. They are there only where the Maven profile {@code models} is: nothing else needs Hibernate. */
public interface Models {

    /** What to say where they are not. */
    String MISSING = "They are in the Maven profile models alone: `make check` and `make autogenerate` bring them.";

    /** The statements that make their tables in an empty database, each ended by a semicolon. */
    String ddl();

    /** Tables, and columns as {@code table.column}, that are left to the changelog. */
    Set<String> unmapped();

    /** Those that this loader finds. */
    static Optional<Models> find(ClassLoader loader) {
        return ServiceLoader.load(Models.class, loader).findFirst();
    }
}
