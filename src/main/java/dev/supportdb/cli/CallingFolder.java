package dev.supportdb.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * The folder in which a command was called. The launcher changes to the folder of the project and hands over the one in
 * which it was called: a typed file is looked for there, and a file of the project is printed with its whole path.
 */
final class CallingFolder implements ITypeConverter<Path> {

    /** Set by the launcher; not set for a command that was called in the project's own folder. */
    private static final String PROPERTY = "launcher.called.from";

    /** Of the standard input. */
    static final Path INPUT = Path.of("-");

    @Override
    public Path convert(String text) {
        return typed(text);
    }

    /** The file that somebody has typed; throws {@link TypeConversionException} where it cannot be one. */
    static Path typed(String text) {
        try {
            Path file = Path.of(text);
            return file.equals(INPUT) ? file : Path.of(System.getProperty(PROPERTY, "")).resolve(file);
        } catch (InvalidPathException e) {
            throw new TypeConversionException("'%s' is no name of a file".formatted(text));
        }
    }

    /** A file of the project, with the folder of the project where that is another one. */
    static Path ofProject(String path) {
        Path file = Path.of(path);
        return System.getProperty(PROPERTY, "").isEmpty() ? file : file.toAbsolutePath();
    }
}
