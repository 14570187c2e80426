package dev.supportdb.cli;

import dev.supportdb.postgres.PrintableText;
import dev.supportdb.support.ChangelogFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Gives each hostile value to each option and each command, as the program itself lists them, and prints what none of
 * them may do. A process of its own, for commands write into the folder that they are started in.
 */
final class HostileOptions {

    /** Commands whose purpose is to write below changelog/. */
    private static final Set<String> WRITE = Set.of("revision", "merge", "autogenerate");

    /** The project is one level deeper, so that a step upwards is seen. */
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    private static final int FEW = 2;

    private static int runs;
    private static int next;

    private HostileOptions() {
    }

    public static void main(String... arguments) throws IOException {
        write(Path.of(""));
        Set<Path> files = files();
        for (List<String> command : commands(Main.commands(Map.of()), List.of(), new HashSet<>())) {
            CommandRun run = CommandRun.offline(command.toArray(String[]::new));
            runs++;
            List<String> wrong = wrong(run);
            Set<Path> written = files();
            written.removeAll(files);
            if (!written.isEmpty()) {
                Path changelog = Path.of("changelog").toAbsolutePath();
                if (!WRITE.contains(command.get(0)) || !written.stream().allMatch(file -> file.startsWith(changelog))) {
                    wrong.add("written: " + written);
                }
                write(Path.of(""));
            }
            if (!wrong.isEmpty()) {
                System.out.println(PrintableText.line(shortened(command + ": " + wrong + " " + run.output())));
            }
        }
        System.out.println(runs + " runs");
    }

    /** The problems of a command that was given nonsense: none if it reported it and did nothing else. */
    static List<String> wrong(CommandRun run) {
        List<String> wrong = new ArrayList<>();
        if (run.exitCode() < 0 || run.exitCode() > 2) {
            wrong.add("exit code " + run.exitCode());
        }
        if (run.output().contains("\tat ") || run.output().contains("Exception")) {
            wrong.add("a stack trace");
        }
        if (run.output().codePoints().anyMatch(character ->
                PrintableText.isUnsafe(character) && character != '\n' && character != '\t')) {
            wrong.add("control characters");
        }
        if (run.exitCode() > 0 && run.output().isBlank()) {
            wrong.add("nothing said");
        }
        return wrong;
    }

    private static String shortened(String text) {
        return text.length() < 1_000 ? text : text.substring(0, 1_000);
    }

    /**
     * Each value for each option that takes one and for each command that takes words; a few of them, others each time,
     * for an option of several commands after the first of these, for one that takes none, and as an unknown word or
     * option.
     */
    private static List<List<String>> commands(CommandLine command, List<String> path, Set<Object> known) {
        List<List<String>> all = new ArrayList<>();
        for (OptionSpec option : command.getCommandSpec().options()) {
            boolean each = option.arity().max() > 0 && known.add(option.userObject());
            values(each).forEach(value -> all.add(with(path, option.longestName() + "=" + value)));
        }
        boolean each = command.getCommandSpec().positionalParameters().stream()
                .anyMatch(words -> known.add(words.userObject()));
        values(each).forEach(value -> all.add(with(path, value)));
        values(false).forEach(value -> all.add(with(path, "--" + value)));
        command.getSubcommands().forEach((name, subcommand) ->
                all.addAll(commands(subcommand, with(path, name), known)));
        return all;
    }

    private static List<String> values(boolean all) {
        List<String> values = HostileValues.all();
        return all ? values : Stream.generate(() -> values.get(next++ % values.size())).limit(FEW).toList();
    }

    private static List<String> with(List<String> path, String word) {
        List<String> longer = new ArrayList<>(path);
        longer.add(word);
        return longer;
    }

    /** All files except those that commands may write below target/. */
    private static Set<Path> files() throws IOException {
        Path target = Path.of("target").toAbsolutePath();
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> !file.startsWith(target)).collect(Collectors.toSet());
        }
    }

    /** A project of two features whose database is not there; what its changelog has become by now is deleted. */
    static void write(Path project) throws IOException {
        Path changelog = project.resolve("changelog");
        if (Files.exists(changelog)) {
            try (Stream<Path> files = Files.walk(changelog)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        new ChangelogFolder(project).feature("main/001_first").feature("crm/002_second", "main/001_first")
                .write("contexts/dev.properties", """
                        changeLogFile=%s
                        url=jdbc:postgresql://127.0.0.1:1/none
                        contexts=dev
                        """.formatted(ChangelogFolder.MASTER));
    }
}
