package dev.supportdb.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * The folder in which a command was called. The launcher changes to the project's folder and passes this one on: paths
 * that a user types are relative to it, and a file of the project is printed with its full path.
 */
final class CallingFolder implements ITypeConverter<Path> {

    /** Set by the launcher, unless the command was called in the project's own folder. */
    private static final String PROPERTY = "launcher.called.from";

    /** Stands for standard input. */
    static final Path INPUT = Path.of("-");

    @Override
    public Path convert(String text) {
        return typed(text);
    }

    /** Resolves a typed path; throws {@link TypeConversionException} if it is invalid. */
    static Path typed(String text) {
        try {
            Path file = Path.of(text);
            return file.equals(INPUT) ? file : Path.of(System.getProperty(PROPERTY, "")).resolve(file);
        } catch (InvalidPathException e) {
            throw new TypeConversionException("'%s' is not a file name".formatted(text));
        }
    }

    /** The launcher, as it can be called from there. */
    static String launcher() {
        return System.getProperty(PROPERTY, "").isEmpty() ? "./supportdb" : ofProject("supportdb").toString();
    }

    /** The path of a project file, with the project's folder if the command was called elsewhere. */
    static Path ofProject(String path) {
        Path file = Path.of(path);
        return System.getProperty(PROPERTY, "").isEmpty() ? file : file.toAbsolutePath();
    }
}
