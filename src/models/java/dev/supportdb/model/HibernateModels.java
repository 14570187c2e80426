package dev.supportdb.model;

import static java.util.stream.Collectors.toSet;

import dev.supportdb.generate.JpaModels;
import jakarta.persistence.Entity;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.hibernate.boot.Metadata;
import org.hibernate.boot.MetadataSources;
import org.hibernate.boot.model.naming.PhysicalNamingStrategySnakeCaseImpl;
import org.hibernate.boot.registry.BootstrapServiceRegistryBuilder;
import org.hibernate.boot.registry.StandardServiceRegistry;
import org.hibernate.boot.registry.StandardServiceRegistryBuilder;
import org.hibernate.cfg.JdbcSettings;
import org.hibernate.mapping.Table;
import org.hibernate.tool.schema.internal.SchemaCreatorImpl;

/** The classes of this package as Hibernate understands them. */
public final class HibernateModels implements JpaModels {

    /** It says at length that it has no database; held, so that its level is not forgotten. */
    private static final Logger CHATTER = Logger.getLogger("org.hibernate");

    private static final Pattern TABLE =
            Pattern.compile("(?:table(?: if exists)?|column|index .+? on) \"?(\\w+)");

    private final ClassLoader loader = HibernateModels.class.getClassLoader();

    @Override
    public List<Step> ddl() {
        CHATTER.setLevel(Level.SEVERE);
        try (StandardServiceRegistry services = new StandardServiceRegistryBuilder(
                new BootstrapServiceRegistryBuilder().applyClassLoader(loader).build())
                .applySetting(JdbcSettings.DIALECT, new Postgres())
                .applySetting(JdbcSettings.ALLOW_METADATA_ON_BOOT, false)
                .build()) {
            MetadataSources sources = new MetadataSources(services);
            entities().forEach(sources::addAnnotatedClass);
            Metadata metadata = sources.getMetadataBuilder()
                    .applyImplicitNamingStrategy(new PostgresNames())
                    .applyPhysicalNamingStrategy(new PhysicalNamingStrategySnakeCaseImpl())
                    .build();
            metadata.collectTableMappings().forEach(HibernateModels::quote);
            Map<String, String> owners = new HashMap<>();
            metadata.getEntityBindings().forEach(entity ->
                    owners.put(entity.getTable().getName(), entity.getMappedClass().getSimpleName()));
            return new SchemaCreatorImpl(services).generateCreationCommands(metadata, false).stream()
                    .map(sql -> new Step(owner(sql, owners), sql)).toList();
        }
    }

    private static String owner(String sql, Map<String, String> owners) {
        Matcher table = TABLE.matcher(sql);
        return table.find() ? owners.getOrDefault(table.group(1), "") : "";
    }

    /** Hibernate writes comments as they are, apostrophes and all. */
    private static void quote(Table table) {
        table.setComment(quoted(table.getComment()));
        table.getColumns().forEach(column -> column.setComment(quoted(column.getComment())));
    }

    private static String quoted(String comment) {
        return comment == null ? null : comment.replace("'", "''");
    }

    /** Every class with the annotation, so that none is forgotten in a list. */
    private List<Class<?>> entities() {
        try (Stream<Path> files = Files.list(Path.of(HibernateModels.class.getResource("HibernateModels.class").toURI())
                .getParent())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".class")).sorted()
                    .<Class<?>>map(name -> load(name.replaceFirst("\\.class$", "")))
                    .filter(type -> type.isAnnotationPresent(Entity.class))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private Class<?> load(String name) {
        try {
            return Class.forName(HibernateModels.class.getPackageName() + "." + name, false, loader);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Set<String> unmapped() {
        try (InputStream file = HibernateModels.class.getResourceAsStream("unmapped.txt")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8).lines().map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#")).collect(toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
