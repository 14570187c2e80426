package dev.supportdb.model;

import java.util.Locale;
import org.hibernate.boot.model.TypeContributions;
import org.hibernate.dialect.PostgreSQLDialect;
import org.hibernate.engine.jdbc.Size;
import org.hibernate.service.ServiceRegistry;
import org.hibernate.type.SqlTypes;
import org.hibernate.type.Type;
import org.hibernate.type.descriptor.sql.internal.NamedNativeOrdinalEnumDdlTypeImpl;
import org.hibernate.type.descriptor.sql.spi.DdlTypeRegistry;

/**
 * PostgreSQL as it is used here: the enum type of TicketPriority is ticket_priority_enum, with the constants in their
 * order (NAMED_ENUM would sort them by name), and times have no precision of their own, which is that of microseconds.
 */
public final class Postgres extends PostgreSQLDialect {

    @Override
    protected String columnType(int sqlTypeCode) {
        return switch (sqlTypeCode) {
            case SqlTypes.TIMESTAMP -> "timestamp without time zone";
            case SqlTypes.TIMESTAMP_UTC, SqlTypes.TIMESTAMP_WITH_TIMEZONE -> "timestamp with time zone";
            default -> super.columnType(sqlTypeCode);
        };
    }

    @Override
    protected void registerColumnTypes(TypeContributions types, ServiceRegistry services) {
        super.registerColumnTypes(types, services);
        types.getTypeConfiguration().getDdlTypeRegistry().addDescriptor(new NamedNativeOrdinalEnumDdlTypeImpl(this) {
            @Override
            public String getTypeName(Size size, Type type, DdlTypeRegistry registry) {
                return typeName(super.getTypeName(size, type, registry));
            }
        });
    }

    @Override
    public String[] getCreateEnumTypeCommand(String name, String[] values) {
        return super.getCreateEnumTypeCommand(typeName(name), values);
    }

    private static String typeName(String enumName) {
        return enumName.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT) + "_enum";
    }
}
