package dev.supportdb.deploy;

import dev.supportdb.postgres.Plural;
import dev.supportdb.postgres.Sql;
import dev.supportdb.schema.DataDigest;
import dev.supportdb.schema.Difference;
import dev.supportdb.schema.Fact;
import dev.supportdb.schema.SchemaFingerprint;
import dev.supportdb.verify.SequencePositions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The contents that a backup must have: every fact of the schema, a digest of the rows of each table and of the large
 * objects, and for each sequence its range during the backup, since a snapshot does not stop sequences.
 *
 * @param roles the owners and grantees
 */
record BackupContents(SchemaFingerprint schema, DataDigest data, Map<String, Range> sequences, List<String> roles) {

    /** The positions of a sequence before and after the backup. */
    record Range(SequencePositions.Position from, SequencePositions.Position to) {

        /** Returns whether the position is in the range. A sequence may count down. */
        boolean has(SequencePositions.Position position) {
            return compare(from, position) * compare(position, to) >= 0;
        }

        private static int compare(SequencePositions.Position one, SequencePositions.Position other) {
            return one.number() == other.number() ? Boolean.compare(one.isCalled(), other.isCalled())
                    : Long.compare(one.number(), other.number());
        }

        @Override
        public String toString() {
            return from.equals(to) ? "%d".formatted(from.number())
                    : "%d to %d".formatted(from.number(), to.number());
        }
    }

    /** The roles. The catalogue has no dependency on the bootstrap superuser. */
    private static final String ROLES = """
            select rolname from pg_roles r
            where oid = 10 or exists (
                select from pg_shdepend where refclassid = 'pg_authid'::regclass and refobjid = r.oid
                    and dbid = (select oid from pg_database where datname = current_database()))
            order by 1
            """;

    private static final Pattern ESCAPE = Pattern.compile("\\\\(.)");

    BackupContents {
        sequences = Map.copyOf(sequences);
        roles = List.copyOf(roles);
    }

    /** Reads a database in the transaction of the session. Sequences have their current positions. */
    static BackupContents of(Connection connection) throws SQLException {
        Map<String, Range> sequences = new TreeMap<>();
        SequencePositions.of(connection).positions()
                .forEach((name, position) -> sequences.put(name, new Range(position, position)));
        return new BackupContents(SchemaFingerprint.ofAll(connection), DataDigest.ofAll(connection), sequences,
                Sql.texts(connection, ROLES));
    }

    /** The same contents with the later positions of the sequences. */
    BackupContents until(SequencePositions later) {
        Map<String, Range> ranges = new TreeMap<>();
        sequences.forEach((name, range) -> ranges.put(name,
                new Range(range.from(), later.positions().getOrDefault(name, range.from()))));
        return new BackupContents(schema, data, ranges, roles);
    }

    /**
     * The differences of a restored database: the backup after a minus, the database after a plus. Empty if they are
     * equal.
     */
    String differenceTo(BackupContents restored) {
        List<String> lines = new ArrayList<>();
        Stream.of(Difference.between(schema, restored.schema), Difference.between(data, restored.data))
                .filter(difference -> !difference.isEmpty()).map(Difference::toString).forEach(lines::add);
        new TreeMap<>(sequences).forEach((name, range) -> {
            Range there = restored.sequences.get(name);
            // A missing sequence is reported as a difference of the schemas.
            if (there != null && !range.has(there.from())) {
                lines.add("sequence %s\n  - %s\n  + %s".formatted(name, range, there));
            }
        });
        return String.join("\n", lines);
    }

    long rows() {
        return data.tables().values().stream().mapToLong(DataDigest.Rows::count).sum();
    }

    /** A summary for people. */
    String summary() {
        return "%s, %s with %s, %s".formatted(Plural.of(schema.objects().size(), "object"),
                Plural.of(data.tables().size() - 1, "table"), Plural.of(rows(), "row"),
                Plural.of(sequences.size(), "sequence"));
    }

    /** Writes the contents, one entry a line, with tabs between its parts. */
    void write(Path file) throws IOException {
        List<List<String>> lines = new ArrayList<>();
        roles.forEach(role -> lines.add(List.of("role", role)));
        schema.objects().values().stream().flatMap(object -> object.facts().stream()).forEach(fact -> {
            List<String> parts = new ArrayList<>(List.of("fact"));
            Stream.of(fact.kind(), fact.schema(), fact.object(), fact.part(), fact.aspect(), fact.value())
                    .forEach(parts::add);
            lines.add(parts);
        });
        data.tables().forEach((table, rows) ->
                lines.add(List.of("rows", table, Long.toString(rows.count()), rows.sha256())));
        new TreeMap<>(sequences).forEach((name, range) ->
                lines.add(List.of("sequence", name, range.from().toString(), range.to().toString())));
        Files.write(file, lines.stream()
                .map(parts -> String.join("\t", parts.stream().map(BackupContents::escaped).toList())).toList());
    }

    /** @throws IOException if {@link #write} has not written the file */
    static BackupContents read(Path file) throws IOException {
        List<Fact> facts = new ArrayList<>();
        TreeMap<String, DataDigest.Rows> rows = new TreeMap<>();
        Map<String, Range> sequences = new LinkedHashMap<>();
        List<String> roles = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(file)) {
                List<String> parts = new ArrayList<>();
                Stream.of(line.split("\t", -1)).map(BackupContents::unescaped).forEach(parts::add);
                switch (parts.get(0)) {
                    case "role" -> roles.add(parts.get(1));
                    case "fact" -> facts.add(new Fact(parts.get(1), parts.get(2), parts.get(3), parts.get(4),
                            parts.get(5), parts.get(6)));
                    case "rows" -> rows.put(parts.get(1),
                            new DataDigest.Rows(Long.parseLong(parts.get(2)), parts.get(3)));
                    case "sequence" -> sequences.put(parts.get(1),
                            new Range(position(parts.get(2)), position(parts.get(3))));
                    default -> throw new IllegalArgumentException(parts.get(0));
                }
            }
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IOException(file + " cannot be read: it is not the file that a backup writes", e);
        }
        return new BackupContents(SchemaFingerprint.of(facts), new DataDigest(rows), sequences, roles);
    }

    private static SequencePositions.Position position(String written) {
        String[] parts = written.split(", ");
        return new SequencePositions.Position(Long.parseLong(parts[0]), Boolean.parseBoolean(parts[1]));
    }

    private static String escaped(String part) {
        return part == null ? "\\N" : part.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
                .replace("\r", "\\r");
    }

    private static String unescaped(String part) {
        return part.equals("\\N") ? null : ESCAPE.matcher(part).replaceAll(escape ->
                switch (escape.group(1)) {
                    case "t" -> "\t";
                    case "n" -> "\n";
                    case "r" -> "\r";
                    default -> "\\\\";
                });
    }
}
