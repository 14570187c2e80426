package dev.supportdb.session;

import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.util.Map;

/** An update in a process of its own: folder, database name, URL, user; the password is in the environment. */
final class RunUpdate {

    private RunUpdate() {}

    public static void main(String[] arguments) throws Exception {
        TestDatabase database =
                new TestDatabase(arguments[1], arguments[2], arguments[3], System.getenv("PASSWORD"));
        new TinyChangelog(Path.of(arguments[0]), database, System.out::println).run("update", Map.of());
    }
}
