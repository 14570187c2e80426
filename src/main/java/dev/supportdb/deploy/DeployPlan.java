package dev.supportdb.deploy;

import dev.supportdb.postgres.Sha256;
import dev.supportdb.preflight.ChangesetSubset;
import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.ChecksumVersion;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.RanChangeSet;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.exception.CommandExecutionException;
import liquibase.util.LiquibaseUtil;

/**
 * The changesets to run, in a file for review: its name contains a hash of everything that matters, its body is the
 * SQL. Exactly what was reviewed is run, or nothing.
 *
 * @param head the lines that describe the database state at which it begins, the filters and the versions
 * @param steps the changesets with their checksums, in their order
 * @param sql   without the parts that differ on each run
 */
public record DeployPlan(List<String> head, List<String> steps, String sql) {

    private static final int HASH_LENGTH = 16;
    private static final String HEAD = "-- ";
    private static final String STEP = "-- run ";

    /** Lines of the SQL that change with each run: time, user and host. */
    private static final Pattern RUN = Pattern.compile("(?m)^-- (Ran at|Against|Liquibase version): .*\\n");

    /** The deployment id in the statements that write the history. Liquibase takes it from the clock. */
    private static final Pattern DEPLOYMENT = Pattern.compile(
            "(?is)((?:insert into|update) (?:[\\w\"]+\\.)?databasechangelog .*?)(?<!')'\\d{10}'(?!')");

    /** Returns the plan for the changesets that are pending now. */
    public static DeployPlan of(TargetDatabase target, Path root, DatabaseState state, List<ChangeSet> toRun)
            throws CommandExecutionException {
        String sql = toRun.isEmpty() ? "" : new LiquibaseRunner(target, root, line -> { },
                new DefaultChangeExecListener()).only(ChangesetSubset.ofChangeSets(toRun)).updateSql();
        sql = DEPLOYMENT.matcher(RUN.matcher(sql).replaceAll("")).replaceAll("$1'deployment'");
        return new DeployPlan(head(target, state, state.history().size()),
                toRun.stream().map(DeployPlan::step).toList(), sql);
    }

    private static List<String> head(TargetDatabase target, DatabaseState state, int base) {
        return List.of("changelog " + target.changelog(), "contexts " + target.contexts(),
                "labels " + (target.labels() == null ? "" : target.labels()),
                "parameters " + new TreeMap<>(target.parameters()), "liquibase " + LiquibaseUtil.getBuildVersion(),
                "base %d %s".formatted(base, Sha256.of(String.join("\n", ran(state).subList(0, base)))));
    }

    private static List<String> ran(DatabaseState state) {
        return state.history().stream().map(DeployPlan::step).toList();
    }

    private static String step(ChangeSet changeSet) {
        return "%s::%s::%s %s".formatted(changeSet.getFilePath(), changeSet.getId(), changeSet.getAuthor(),
                changeSet.generateCheckSum(ChecksumVersion.latest()));
    }

    private static String step(RanChangeSet ran) {
        return "%s::%s::%s %s".formatted(ran.getChangeLog(), ran.getId(), ran.getAuthor(), ran.getLastCheckSum());
    }

    /** Returns the text of the file. */
    public String text() {
        return Stream.of(head.stream().map(line -> HEAD + line), steps.stream().map(step -> STEP + step),
                Stream.of("", sql)).flatMap(lines -> lines).reduce((one, other) -> one + "\n" + other).orElseThrow();
    }

    public String hash() {
        return Sha256.of(text()).substring(0, HASH_LENGTH);
    }

    /** Writes the plan into a folder and returns the file. */
    public Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        return Files.writeString(folder.resolve(hash() + ".sql"), text());
    }

    /**
     * Reads a plan that was reviewed.
     *
     * @throws IOException if there is none with this hash, or the file was changed later
     */
    public static DeployPlan read(Path folder, String hash) throws IOException {
        Path file = folder.resolve(hash + ".sql");
        if (!hash.matches("[0-9a-f]{" + HASH_LENGTH + "}") || !Files.isRegularFile(file)) {
            throw new IOException("There is no plan %s in %s. Nothing has been changed.".formatted(hash, folder));
        }
        String text = Files.readString(file);
        if (!Sha256.of(text).startsWith(hash)) {
            throw new IOException("%s has been changed since it was made. Nothing has been changed.".formatted(file));
        }
        Map<Boolean, List<String>> lines = text.lines().takeWhile(line -> line.startsWith(HEAD))
                .collect(Collectors.partitioningBy(line -> line.startsWith(STEP)));
        return new DeployPlan(lines.get(false).stream().map(line -> line.substring(HEAD.length())).toList(),
                lines.get(true).stream().map(line -> line.substring(STEP.length())).toList(),
                text.substring(text.indexOf("\n\n") + 2));
    }

    /**
     * Returns the pending changesets that this plan runs: all if the database is at the plan's base, the remaining ones
     * if a run of the plan has stopped half-way.
     *
     * @throws CommandExecutionException if the plan was made for another database or other files
     */
    public List<ChangeSet> rest(TargetDatabase target, Path root, DatabaseState state)
            throws CommandExecutionException {
        int base = Integer.parseInt(head.get(head.size() - 1).split(" ")[1]);
        if (base > state.history().size()) {
            throw refused("the history is shorter than when it was made");
        }
        List<String> now = head(target, state, base);
        for (int i = 0; i < now.size(); i++) {
            if (!now.get(i).equals(head.get(i))) {
                throw refused("it was made for '%s', and there is '%s'".formatted(head.get(i), now.get(i)));
            }
        }
        List<String> since = ran(state).subList(base, state.history().size());
        if (since.size() > steps.size() || !since.equals(steps.subList(0, since.size()))) {
            throw refused("the history has had other changesets since: " + String.join(", ", since));
        }
        List<ChangeSet> rest = new ArrayList<>();
        for (String step : steps.subList(since.size(), steps.size())) {
            rest.add(Stream.concat(state.pending().stream(), state.waiting().stream())
                    .filter(changeSet -> step(changeSet).equals(step)).findFirst()
                    .orElseThrow(() -> refused("the files do not have, or no longer have: " + step)));
        }
        if (since.isEmpty() && !of(target, root, state, rest).equals(this)) {
            throw refused("the SQL is not what was reviewed");
        }
        return rest;
    }

    private CommandExecutionException refused(String why) {
        return new CommandExecutionException("The plan %s does not fit: %s. Nothing has been changed."
                .formatted(hash(), why));
    }
}
