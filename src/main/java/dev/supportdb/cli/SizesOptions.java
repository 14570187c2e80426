package dev.supportdb.cli;

import dev.supportdb.review.TableSizes;
import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The option for the table sizes of a forecast. */
final class SizesOptions {

    private static final String TARGET = "target";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(names = "--sizes", paramLabel = "SIZES",
            description = "estimate the times on tables of other sizes, from two measurements: 'target' for the sizes "
                    + "in the target's statistics, or a file")
    private String sizes;

    private TableSizes file;

    /** Reads the file, if one is given, before any connection. */
    void read() {
        if (sizes == null || sizes.equals(TARGET)) {
            return;
        }
        try {
            file = TableSizes.read(CallingFolder.typed(sizes));
        } catch (NoSuchFileException e) {
            throw misuse("There is no file %s. %s".formatted(e.getFile(), howToMake()));
        } catch (IllegalArgumentException e) {
            throw misuse("%s. %s".formatted(e.getMessage(), howToMake()));
        } catch (TypeConversionException | IOException e) {
            throw misuse(e.getMessage());
        }
    }

    private String howToMake() {
        return "To create it:\n  %s | psql --quiet \"$URL\" > %s".formatted(
                ShellWords.of(Stream.of(CallingFolder.launcher(), "trace", "--sizes-query")),
                ShellWords.of(Stream.of(CallingFolder.typed(sizes).toString())));
    }

    boolean areOfTarget() {
        return TARGET.equals(sizes);
    }

    /** The sizes in the file; null if none is given. */
    TableSizes file() {
        return file;
    }

    /** The sizes to use; null for none. */
    TableSizes of(TargetDatabase target) throws SQLException {
        if (!areOfTarget()) {
            return file;
        }
        try (Connection connection = target.connect()) {
            return TableSizes.of(connection);
        }
    }

    boolean isGiven() {
        return sizes != null;
    }

    private ParameterException misuse(String why) {
        return new ParameterException(command.commandLine(), why);
    }
}
