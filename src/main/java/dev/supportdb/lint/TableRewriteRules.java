package dev.supportdb.lint;

import static dev.supportdb.postgres.SqlStatement.NAME;
import static dev.supportdb.postgres.SqlStatement.pattern;

import dev.supportdb.postgres.SqlStatement;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What shuts a table that is in use, or takes from it what keeps its rows true. */
final class TableRewriteRules {

    private static final Pattern CLUSTER = pattern("cluster\\b(?:\\s*\\([^)]*\\))?(?: verbose\\b)?(?: " + NAME + ")?");
    private static final Pattern VACUUM =
            pattern("vacuum\\s*(?:\\([^)]*\\bfull\\b(?! (?:false|off|0))[^)]*\\)|full\\b)"
                    + "(?: (?:freeze|verbose|analyze)\\b)*(?:\\s*" + NAME + ")?");
    private static final Pattern REFRESH = pattern("refresh materialized view (?!concurrently)" + NAME);
    private static final Pattern ALL_MOVED =
            pattern("alter (?:table|index|materialized view) all in tablespace\\b.*\\bset tablespace\\b");
    private static final Pattern INDEX_MOVED =
            pattern("alter index (?:if exists )?" + NAME + " set (tablespace " + NAME + ")");
    private static final Pattern REWRITTEN = pattern("set (?:tablespace|logged|unlogged|access method)\\b");

    private static final Pattern LOCK = pattern("lock (?:table )?(?:only )?(.+?)(?: in ([\\w\\s]+?) mode)?"
            + "(?: nowait)?\\s*$");
    private static final Pattern SHARED = Pattern.compile("(access|row)\\s+share|row\\s+exclusive"
            + "|share\\s+update\\s+exclusive");

    private static final Pattern SILENCED = pattern("disable trigger (all|user)\\b");
    private static final Pattern ROLE = Pattern.compile("(set|alter)\\s.*\\bsession_replication_role\\b"
            + "(?!['\\s]*(=|,|to\\b)['\\s]*(origin|default)\\b).*|(select|perform)\\s.*\\bset_config\\s*\\(\\s*"
            + "'session_replication_role'\\s*,\\s*'(?!origin').*", Pattern.DOTALL | Pattern.CASE_INSENSITIVE);

    static final List<Rule> RULES = List.of(
            new Rule("rewrite", "A table in use is not written anew in place: whoever wants to read it waits until it "
                    + "is done.", TableRewriteRules::rewrite),
            new Rule("lock-table", "An existing table is locked by hand on the way back alone, before it is asked "
                    + "what would be lost: everybody waits until the transaction ends.", TableRewriteRules::lock),
            new Rule("triggers-off", "Triggers stay on: without them, a table takes what they would have refused or "
                    + "carried on, and a foreign key is one of them.", TableRewriteRules::triggersOff));

    private TableRewriteRules() {
    }

    private static void rewrite(ChangelogProject project, Rule.Report report) {
        for (StatementAt found : StatementAt.all(project)) {
            SqlStatement statement = found.statement();
            statement.matches(CLUSTER).or(() -> statement.matches(ALL_MOVED)).filter(all -> inUse(all, found))
                    .ifPresent(table -> rewritten(found, report, allowed(found)));
            statement.matches(VACUUM).filter(vacuum -> inUse(vacuum, found))
                    .ifPresent(vacuum -> rewritten(found, report, Suggestion.outsideTransaction(List.of(
                            "vacuum (analyze) " + Optional.ofNullable(vacuum.group(1)).orElse("")))));
            statement.matches(REFRESH).filter(view -> inUse(view, found)).ifPresent(view -> rewritten(found, report,
                    "# needs a unique index over all its rows\n"
                            + Suggestion.sql(List.of("refresh materialized view concurrently " + view.group(1)))));
            statement.matches(INDEX_MOVED).ifPresent(index -> rewritten(found, report, Suggestion.outsideTransaction(
                    List.of("reindex (%s) index concurrently %s".formatted(index.group(2), index.group(1))))));
            found.actions().stream().filter(action -> action.matches(REWRITTEN).isPresent())
                    .forEach(action -> rewritten(found, report, allowed(found)));
        }
    }

    /** Without a name, all of them are meant. */
    private static boolean inUse(Matcher named, StatementAt found) {
        return named.groupCount() == 0 || named.group(1) == null || found.isExisting(named.group(1));
    }

    private static void rewritten(StatementAt found, Rule.Report report, String instead) {
        found.report(report, "This writes all of it anew while nobody else can read it.", instead);
    }

    private static String allowed(StatementAt found) {
        return Suggestion.allowed("rewrite", "with pg_repack, from outside; or", found);
    }

    private static void lock(ChangelogProject project, Rule.Report report) {
        StatementAt.all(project).stream().filter(found -> !found.back())
                .forEach(found -> found.statement().matches(LOCK)
                .filter(lock -> lock.group(2) == null || !SHARED.matcher(lock.group(2)).matches())
                .flatMap(lock -> SqlStatement.names(lock.group(1)).filter(found::isExisting).findFirst())
                .ifPresent(table -> found.report(report,
                        "From here to the end of the transaction, %s is locked.".formatted(table),
                        "# without it: each statement takes the lock it needs; or, where several have to be one:\n"
                                + "# lint: allow lock-table: <what goes wrong between them, and how long it takes>\n"
                                + Suggestion.sql(List.of(found.statement().text())))));
    }

    private static void triggersOff(ChangelogProject project, Rule.Report report) {
        for (StatementAt found : StatementAt.all(project)) {
            Stream<String> tables = found.actions().stream().filter(action -> action.matches(SILENCED).isPresent())
                    .map(SqlStatement.Action::table);
            Stream<String> session = ROLE.matcher(found.statement().text()).matches() ? Stream.of("…") : Stream.of();
            Stream.concat(tables, session).forEach(table -> found.report(report,
                    "What triggers and foreign keys keep true, nobody keeps meanwhile.",
                    "# the one that is in the way, in the same transaction\n"
                            + Suggestion.sql(List.of("alter table %s disable trigger …".formatted(table), "…",
                                    "alter table %s enable trigger …".formatted(table)))));
        }
    }
}
