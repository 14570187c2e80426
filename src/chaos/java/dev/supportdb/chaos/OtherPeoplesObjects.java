package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.chaos.Report.Part;
import dev.supportdb.chaos.Report.Result;
import dev.supportdb.schema.DataDigest;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Proves that objects of other people on our tables and columns survive every run as far as the new type allows, or
 * that the run refuses before its first change and its statements lead to the end: forward, back and forward again.
 */
final class OtherPeoplesObjects {

    private static final MigrationState OLD = MigrationState.before("005_ticket_priority_enum").withTickets(40);
    private static final MigrationState NEW = MigrationState.before("007_tags").withTickets(40);
    private static final MigrationState HEAD = MigrationState.head().withTickets(40);

    /** A table, and columns of it that another one replaces, whose type changes, or whose values do. */
    private static final List<String> REPLACED =
            List.of("tickets", "tickets.priority", "tickets.subject", "tickets.status");

    /** The trials of one kind, or a whole run. Returns how many there were. */
    private interface Trials {
        int run(Random random) throws Exception;
    }

    private static final String PLACES = """
            select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
              and relname not like 'databasechangelog%'
            union all
            select relname || '.' || attname from pg_class c join pg_attribute on attrelid = c.oid
            where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
              and relname not like 'databasechangelog%'
            """;

    /** An object that somebody attaches to a table or a column. */
    record Put(KindOfObject kind, String place) {

        static List<Put> all(List<KindOfObject> kinds, List<String> places) {
            return kinds.stream().flatMap(kind -> places.stream()
                    .filter(place -> kind.isOfColumn() == place.contains(".")).map(place -> new Put(kind, place)))
                    .toList();
        }

        /** So many of them, each kind as often as any other. */
        static List<Put> some(int count, List<String> places, Random random) {
            List<KindOfObject> kinds = KindOfObject.all();
            List<Put> some = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                List<Put> of = all(List.of(kinds.get(random.nextInt(kinds.size()))), places);
                some.add(of.get(random.nextInt(of.size())));
            }
            return some;
        }
    }

    private OtherPeoplesObjects() {
    }

    /**
     * Each kind by itself on each column that is replaced, and on all that goes on the way back; then walks. A kind that
     * fails is said at once, and the others are tried all the same.
     *
     * @param only the kind to try alone, or {@code walk} and its number; null for all
     */
    static List<Result> all(Campaign campaign, String only) throws Exception {
        Map<String, Trials> all = new LinkedHashMap<>();
        for (KindOfObject kind : KindOfObject.all()) {
            all.put(kind.title(), random -> kind(campaign, kind, random));
        }
        for (int walk = 0; walk < campaign.walks(); walk++) {
            boolean fromHead = walk % 3 == 2;
            all.put("walk " + (walk + 1), random -> walk(random, fromHead));
        }
        if (only != null) {
            all.keySet().retainAll(Set.of(only));
            assertThat(all).as("kinds by the name of '%s'", only).isNotEmpty();
        }
        int trials = 0;
        List<String> failed = new ArrayList<>();
        for (Map.Entry<String, Trials> one : all.entrySet()) {
            long start = System.nanoTime();
            try {
                int times = one.getValue().run(campaign.random(one.getKey()));
                System.out.printf("  %s: %d, %.0f s%n", one.getKey(), times, (System.nanoTime() - start) / 1e9);
                trials += times;
            } catch (Exception | AssertionError e) {
                System.out.printf("  %s: FAILED%n", one.getKey());
                e.printStackTrace(System.out);
                failed.add(one.getKey());
            }
        }
        assertThat(failed).isEmpty();
        return Result.of(Part.OTHERS, trials, "%d kinds of objects".formatted(KindOfObject.all().size()));
    }

    private static int kind(Campaign campaign, KindOfObject kind, Random random) throws Exception {
        int trials = 0;
        for (Put put : Put.all(List.of(kind), replaced())) {
            if (random.nextInt(campaign.oneIn()) == 0 && trial(List.of(put), false, random)) {
                trials++;
            }
        }
        if (random.nextInt(campaign.oneIn()) == 0 && trial(Put.all(List.of(kind), dropped()), true, random)) {
            trials++;
        }
        return trials;
    }

    /** A database with a few of all kinds. */
    static int walk(Random random, boolean fromHead) throws Exception {
        trial(Put.some(4 + random.nextInt(12), fromHead ? dropped() : replaced(), random), fromHead, random);
        return 1;
    }

    static List<String> replaced() {
        return REPLACED;
    }

    /** Tables and columns that are there at the head and not before, and those that are replaced on the way there. */
    static List<String> dropped() throws Exception {
        try (TestDatabase old = Databases.at(OLD); TestDatabase head = Databases.at(HEAD)) {
            List<String> dropped = new ArrayList<>(head.texts(PLACES));
            dropped.removeAll(old.texts(PLACES));
            dropped.addAll(REPLACED);
            return dropped;
        }
    }

    /**
     * Goes from a state to the other, back, and there again. Every other run is broken off. Returns whether the server
     * takes any of the objects.
     *
     * @param fromHead goes back first, from the head, so that most of what there is goes
     */
    static boolean trial(List<Put> puts, boolean fromHead, Random random) throws Exception {
        MigrationState start = fromHead ? HEAD : OLD;
        MigrationState end = fromHead ? OLD : NEW;
        try (SharedDatabase shared = new SharedDatabase(start, random)) {
            int made = 0;
            for (Put put : puts) {
                made += shared.make(put.kind().on(put.place(), "mine_" + made)) ? 1 : 0;
            }
            if (made == 0) {
                return false;
            }
            List<String> atStart = shared.lines();
            List<String> others = shared.others(start);
            DataDigest rows = shared.database().snapshot().data();
            shared.go(end, !fromHead);
            boolean complete = shared.isComplete() && !fromHead;
            if (complete) {
                assertSame(SharedDatabase.withoutTypes(others), SharedDatabase.withoutTypes(shared.others(end)),
                        shared);
            }
            List<String> atEnd = shared.lines();
            shared.go(start, fromHead);
            if (!shared.isChangedByHand()) {
                // What is written for the old type may not fit the new one, to which it has to return from the head.
                assertThat(shared.missing()).as(shared.log())
                        .allMatch(statement -> fromHead && statement.matches("(?s).*public\\.tickets\\b.*"));
            }
            if (shared.isComplete()) {
                // Back from the old type, a definition keeps the cast that the server wrote for it.
                UnaryOperator<List<String>> form = fromHead ? SharedDatabase::withoutTypes : UnaryOperator.identity();
                assertSame(form.apply(atStart), form.apply(shared.lines()), shared);
            }
            if (!fromHead) {
                assertThat(shared.database().snapshot().data()).as(shared.log()).isEqualTo(rows);
            }
            shared.go(end, !fromHead);
            if (complete && !shared.isChangedByHand()) {
                assertSame(atEnd, shared.lines(), shared);
            }
            return true;
        }
    }

    private static void assertSame(List<String> expected, List<String> lines, SharedDatabase shared) {
        assertThat(SchemaLines.minus(expected, lines)).as("gone after\n" + shared.log()).isEmpty();
        assertThat(SchemaLines.minus(lines, expected)).as("new after\n" + shared.log()).isEmpty();
    }
}
