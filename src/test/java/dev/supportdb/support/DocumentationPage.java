package dev.supportdb.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A how-to page, or a part of one, that a test does as it says. */
public record DocumentationPage(String text) {

    /**
     * A block of the page.
     *
     * @param file whose text it is, or what follows at its end; null when it is to be run
     */
    public record Block(String file, String language, String text) {

        private static final Pattern FORM =
                Pattern.compile("(?:`([^`\n]+)`:\n\n)?```(\\w+)\n(.*?)```\n", Pattern.DOTALL);

        /** Writes a file, or more of it, into a copy of the project. */
        public void writeTo(Path project) throws IOException {
            Path target = project.resolve(file);
            Files.createDirectories(target.getParent());
            Files.writeString(target, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }

    public static DocumentationPage of(String file) throws IOException {
        return new DocumentationPage(Files.readString(Path.of(file)));
    }

    /** Returns the part from one heading to another. */
    public DocumentationPage between(String heading, String next) {
        return new DocumentationPage(text.substring(text.indexOf(heading), text.indexOf(next)));
    }

    public DocumentationPage from(String heading) {
        return new DocumentationPage(text.substring(text.indexOf(heading)));
    }

    public List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        for (Matcher block = Block.FORM.matcher(text); block.find(); ) {
            blocks.add(new Block(block.group(1), block.group(2), block.group(3)));
        }
        return blocks;
    }

    public List<String> commands() {
        return blocks().stream().filter(block -> block.language().equals("sh"))
                .flatMap(block -> block.text().lines()).toList();
    }

    /** The targets of the Makefile that it names. */
    public List<String> targets() {
        return Pattern.compile("[`\n]make (?:-s )?([a-z-]+)").matcher(text).results()
                .map(found -> found.group(1)).toList();
    }

    /** Copies the changelog, because a page may write into it. */
    public static void copyChangelogTo(Path project) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("changelog"))) {
            for (Path file : files.toList()) {
                Files.copy(file, project.resolve(file));
            }
        }
    }
}
