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

/** The option for the sizes of tables that times are forecast for. */
final class SizesOptions {

    private static final String TARGET = "target";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(names = "--sizes", paramLabel = "SIZES",
            description = "estimate the times on tables of other sizes, from two measurements: 'target' for the sizes "
                    + "in the target's statistics, or a file")
    private String sizes;

    private TableSizes file;

    /** Reads the file, where one is named, before anything is connected. */
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

    /** The sizes in the file; null where none is named. */
    TableSizes file() {
        return file;
    }

    /** The requested sizes; null for none. */
    TableSizes of(TargetDatabase target) throws SQLException {
        if (!areOfTarget()) {
            return file;
        }
        try (Connection connection = target.connect()) {
            return TableSizes.of(connection);
        }
    }

    /** The option as it was typed, for a command that does the same again. */
    String typed() {
        return sizes == null ? null : "--sizes=" + (areOfTarget() ? sizes : CallingFolder.typed(sizes));
    }

    private ParameterException misuse(String why) {
        return new ParameterException(command.commandLine(), why);
    }
}
