package dev.supportdb.objects;

import dev.supportdb.objects.SchemaEdit.Verb;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The objects that a changelog creates, by all names that it ever gives them, forward or back. */
public final class OwnObjects {

    /** Stands for the names of columns that are not known. */
    static final String ANY = "*";

    private final Set<ObjectName> names = new HashSet<>();
    private final Set<String> schemas;

    /** The replaced column, by the column on which its replacement is prepared. */
    private final Map<ObjectName, String> prepared = new HashMap<>();

    /** @param schemas in which its objects are */
    public OwnObjects(Collection<String> schemas) {
        this.schemas = new HashSet<>(schemas);
    }

    public void add(List<SchemaEdit> edits) {
        for (SchemaEdit edit : edits) {
            if (edit.verb() == Verb.PREPARE) {
                prepared.put(ObjectName.column(edit.object().table(), edit.by()), edit.object().name());
            } else if (edit.verb() == Verb.CREATE) {
                names.add(edit.object());
                if (edit.object().kind().equals("schema")) {
                    schemas.add(edit.object().name());
                }
            } else if (edit.newName() != null) {
                names.add(new ObjectName(edit.object().kind(), edit.object().table(), edit.newName()));
                names.addAll(names.stream().filter(part -> edit.object().kind().equals(ObjectName.RELATION)
                        && edit.object().name().equals(part.table())).map(part -> part.at(edit.newName())).toList());
            }
        }
    }

    boolean have(ObjectName name) {
        return names.contains(name);
    }

    boolean have(Dependant dependant) {
        return (dependant.schema() == null || schemas.contains(dependant.schema()))
                && (names.contains(name(dependant)) && !isOfReplaced(dependant) || isPrepared(dependant)
                || isHandedOver(dependant) || isUnlisted(dependant));
    }

    private boolean isUnlisted(Dependant dependant) {
        return dependant.kind().equals(ObjectName.COLUMN)
                && names.contains(ObjectName.column(dependant.table(), ANY));
    }

    /** Returns whether it is the default of a replaced column, which may differ from the one in the changelog. */
    private static boolean isOfReplaced(Dependant dependant) {
        return dependant.kind().equals("default") && dependant.on().by() != null
                && dependant.on().object().equals(name(dependant));
    }

    /** Returns whether an interrupted replacement has built it, or a finished one has left it on the old column. */
    private boolean isPrepared(Dependant dependant) {
        ObjectName column = dependant.on().object();
        return prepared.containsKey(column) && Set.of("index", "constraint").contains(dependant.kind())
                && isTwin(dependant.name(), column);
    }

    /** Returns whether it is a setting of a replaced column or of its index, which the new column takes over. */
    private boolean isHandedOver(Dependant dependant) {
        return dependant.take() == null && (prepared.containsKey(dependant.on().object())
                || dependant.part() != null
                        && prepared.keySet().stream().anyMatch(column -> isTwin(dependant.part(), column)));
    }

    private boolean isTwin(String part, ObjectName column) {
        return part.endsWith(TwinName.of("", prepared.get(column), column.name()));
    }

    private static ObjectName name(Dependant dependant) {
        return switch (dependant.kind()) {
            case "index", "sequence", "publication" -> ObjectName.of(dependant.kind(), dependant.name());
            case "default" -> ObjectName.column(dependant.table(), dependant.name());
            default -> new ObjectName(dependant.kind(), dependant.table(), dependant.name());
        };
    }
}
