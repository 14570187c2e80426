package dev.supportdb.deploy;

import dev.supportdb.postgres.PrintableText;
import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.schema.Difference;
import dev.supportdb.schema.IgnoreList;
import dev.supportdb.schema.ObjectFacts;
import dev.supportdb.schema.SchemaFingerprint;
import dev.supportdb.verify.DriftCheck;
import dev.supportdb.verify.ExpectedSchema;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;
import liquibase.exception.LiquibaseException;

/**
 * Verifies the result of an update: the history is complete, the schema has no new differences from the changelog, and
 * the smoke test passes.
 */
final class Verification {

    /** Aspects of the catalogue, with their text for people. */
    private static final Map<String, String> UNFINISHED =
            Map.of("invalid", "is invalid: its build failed", "not valid", "is not validated");

    private static final Difference.Sides NO_DIFFERENCE = new Difference.Sides(ObjectFacts.NONE, ObjectFacts.NONE);

    private final TargetDatabase target;
    private final Path root;
    private final IgnoreList ignoreList;
    private final ExpectedSchema expected;
    private final SmokeTest smoke;
    private final String check;
    private final SchemaFingerprint schemaBefore;
    private final Difference driftBefore;

    /** Reads the database before the update. */
    Verification(Deploy.Settings settings) throws IOException, SQLException, LiquibaseException {
        target = settings.target();
        root = settings.root();
        ignoreList = settings.ignoreList();
        expected = new ExpectedSchema(settings.scratchServer(), root);
        smoke = new SmokeTest(target, settings.smoke());
        check = settings.check();
        schemaBefore = schema();
        driftBefore = drift();
    }

    /** Verifies, and returns each failure as a sentence; empty if there are none. */
    List<String> wrong(List<ChangeSet> ran) throws SQLException, LiquibaseException {
        List<String> wrong = new ArrayList<>();
        DatabaseState state = DatabaseState.of(target, root);
        List<ChangeSet> missing = ran.stream().filter(changeSet -> state.ran(changeSet).isEmpty()).toList();
        if (!missing.isEmpty()) {
            wrong.add("The history lacks "
                    + missing.stream().map(ChangeSet::getId).collect(Collectors.joining(", ")));
        }
        List<String> objects = wrong(driftBefore, drift(), schema());
        if (!objects.isEmpty()) {
            wrong.add("Since this run the schema does not match the changelog: %s. Details: %s"
                    .formatted(String.join("; ", objects), check));
        }
        try {
            smoke.run();
        } catch (IOException e) {
            wrong.add(PrintableText.of(e.getMessage()));
        }
        return wrong;
    }

    /** The changes of the schema since the start. */
    Difference sinceBefore() throws SQLException {
        return Difference.between(schemaBefore, schema());
    }

    /**
     * The objects that this run has made differ from the changelog. Other people's objects may have changed with the
     * type of a column, but must still exist and be as valid as before.
     */
    static List<String> wrong(Difference before, Difference after, SchemaFingerprint schema) {
        Stream<String> differing = after.objects().entrySet().stream().flatMap(object -> {
            Difference.Sides then = before.objects().getOrDefault(object.getKey(), NO_DIFFERENCE);
            Difference.Sides now = object.getValue();
            boolean isOurs = then.isEmpty() || !then.left().equals(now.left());
            Optional<String> unfinished = UNFINISHED.keySet().stream()
                    .filter(aspect -> now.right().has(aspect) && !now.left().has(aspect))
                    .filter(aspect -> isOurs || !then.right().has(aspect)).map(UNFINISHED::get).findFirst();
            return unfinished.or(() -> isOurs ? Optional.of(how(now)) : Optional.empty()).stream()
                    .map(how -> object.getKey() + " " + how);
        });
        Stream<String> gone = before.objects().entrySet().stream()
                .filter(object -> object.getValue().left().isEmpty() && !after.objects().containsKey(object.getKey())
                        && !schema.objects().containsKey(object.getKey()))
                .map(object -> object.getKey() + ", which is not in the changelog, is gone");
        return Stream.concat(differing, gone).map(PrintableText::line).toList();
    }

    private static String how(Difference.Sides sides) {
        return sides.right().isEmpty() ? "is missing" : sides.left().isEmpty() ? "is not in the changelog" : "differs";
    }

    private SchemaFingerprint schema() throws SQLException {
        try (Connection connection = Backup.connect(target)) {
            return SchemaFingerprint.of(connection);
        }
    }

    /** The differences without owners and privileges, which the server gives to new objects. */
    private Difference drift() throws SQLException, LiquibaseException {
        return ignoreList.apply(DriftCheck.of(target, expected).difference()).difference().definitions();
    }
}
