package dev.supportdb.model;

import java.util.stream.Collectors;
import org.hibernate.boot.model.naming.Identifier;
import org.hibernate.boot.model.naming.ImplicitConstraintNameSource;
import org.hibernate.boot.model.naming.ImplicitForeignKeyNameSource;
import org.hibernate.boot.model.naming.ImplicitIndexNameSource;
import org.hibernate.boot.model.naming.ImplicitNamingStrategyJpaCompliantImpl;
import org.hibernate.boot.model.naming.ImplicitUniqueKeyNameSource;

/** Names what a class leaves unnamed as PostgreSQL would, where Hibernate would take a hash. */
public final class PostgresNames extends ImplicitNamingStrategyJpaCompliantImpl {

    private static final long serialVersionUID = 1;

    @Override
    public Identifier determineForeignKeyName(ImplicitForeignKeyNameSource key) {
        return name(key, "_fkey");
    }

    @Override
    public Identifier determineUniqueKeyName(ImplicitUniqueKeyNameSource key) {
        return name(key, "_key");
    }

    @Override
    public Identifier determineIndexName(ImplicitIndexNameSource index) {
        return name(index, "_idx");
    }

    private Identifier name(ImplicitConstraintNameSource source, String kind) {
        Identifier given = source.getUserProvidedIdentifier();
        return given != null ? given : toIdentifier(source.getTableName().getText() + "_"
                + source.getColumnNames().stream().map(Identifier::getText).collect(Collectors.joining("_"))
                + kind, source.getBuildingContext());
    }
}
