package dev.supportdb.cli;

import dev.supportdb.review.TableSizes;
import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.sql.Connection;
import java.sql.SQLException;
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
            throw misuse("There is no file %s. %s".formatted(e.getFile(), TableSizes.howToMake(e.getFile())));
        } catch (TypeConversionException e) {
            throw misuse(e.getMessage());
        } catch (IOException e) {
            throw misuse(e.getMessage());
        }
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

    /** The option as typed, for a command that repeats this one. */
    String typed() {
        return sizes == null ? null : "--sizes=" + (areOfTarget() ? sizes : CallingFolder.typed(sizes));
    }

    private ParameterException misuse(String why) {
        return new ParameterException(command.commandLine(), why);
    }
}
