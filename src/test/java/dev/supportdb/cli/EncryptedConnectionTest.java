package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.embedded.EmbeddedPostgres;
import dev.supportdb.postgres.SqlLiteral;
import dev.supportdb.support.Eventually;
import dev.supportdb.support.ServerPlace;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that lets its user in by encrypted connections alone, and every way in which one cannot be made: by the
 * launcher's program, with settings of the URL and of the environment. The latter need a process of their own.
 */
final class EncryptedConnectionTest {

    private static final String SECRET = "o'per:a %\\";
    private static final String URL_SECRET = "o'per%3Aa%20%25%5C";

    @TempDir
    private static Path folder;

    private static ServerCertificates certificates;
    private static String authority;
    private static EmbeddedPostgres postgres;
    private static TestDatabase administrator;
    private static String server;

    @BeforeAll
    static void start() throws Exception {
        certificates = new ServerCertificates(folder);
        authority = certificates.file("authority.crt", certificates.certificate("authority"));
        HostileOptions.write(Files.createDirectory(folder.resolve("project")));
        ServerPlace place = ServerPlace.find();
        postgres = place.server("fsync=off");
        postgres.start();
        server = "localhost:" + place.port();
        administrator = new TestDatabase("postgres", postgres.url("postgres") + "?sslmode=disable",
                EmbeddedPostgres.SUPERUSER, postgres.password(EmbeddedPostgres.SUPERUSER));
        administrator.execute("create role ann login password " + SqlLiteral.of(SECRET));
        write("ca.crt", certificates.certificate("authority"));
        administrator.execute("alter system set ssl_ca_file = 'ca.crt'");
    }

    @BeforeEach
    void encrypt() throws Exception {
        administrator.execute("alter system set ssl = on");
        serve("good");
        let("hostssl all ann all scram-sha-256");
    }

    @AfterAll
    static void stop() throws Exception {
        administrator.letGo();
        postgres.reset();
    }

    @Test
    void a_connection_is_made_with_settings_of_the_url_or_of_the_environment() throws Exception {
        String checked = "sslmode=verify-full&sslrootcert=" + authority;
        Map<String, String> checkedToo = Map.of("PGSSLMODE", "verify-full", "PGSSLROOTCERT", authority);

        connects(here(url("jdbc:", "", checked), Map.of("DB_USERNAME", "ann", "DB_PASSWORD", SECRET)));
        connects(url("jdbc:", "", ""), and(checkedToo, "DB_USERNAME", "ann", "PGPASSWORD", SECRET));
        connects(here(url("", "ann:" + URL_SECRET + "@", checked), Map.of()));
        connects(url("", "ann:" + URL_SECRET + "@", ""), and(checkedToo, "PGPASSWORD", "not this one"));
        String file = certificates.file("passwords", "%s:*:ann:%s".formatted(server, escaped()));
        connects(url("", "ann@", checked), Map.of("PGPASSFILE", file));
    }

    @Test
    void a_connection_is_made_by_a_bare_maven_goal_with_the_same_settings() throws Exception {
        assumeThat(FreshClone.isPossible()).as("make and mvn are on the PATH").isTrue();
        FreshClone clone = FreshClone.in(folder.resolve("clone"), 0);
        String file = certificates.file("passwords", "%s:postgres:ann:%s".formatted(server, escaped()));
        String goal = "DATABASE_URL='%s' DB_USERNAME=ann PGPASSFILE='%s' PGSSLMODE=verify-full PGSSLROOTCERT='%s' "
                + "mvn -q -B liquibase:listLocks";

        CommandRun run = clone.type(goal.formatted(url("jdbc:", "", ""), file, authority), null);
        assertThat(run.output()).contains("No locks");
        assertThat(run.exitCode()).isZero();

        String stranger = certificates.file("stranger.crt", certificates.certificate("stranger"));
        assertThat(clone.type(goal.formatted(url("jdbc:", "", ""), file, stranger), null).output())
                .contains("is not signed by an authority of " + stranger).doesNotContain(SECRET);
    }

    @Test
    void a_connection_is_refused_in_plain_words_where_the_server_cannot_be_trusted() throws Exception {
        String stranger = certificates.file("stranger.crt", certificates.certificate("stranger"));
        fails("sslmode=verify-full&sslrootcert=" + stranger, "is not signed by an authority of " + stranger);
        fails("sslmode=verify-full&sslrootcert=" + folder.resolve("none"), "There is no file to check the server's"
                + " certificate with: " + folder.resolve("none"));
        fails("sslmode=verify-full&sslrootcert=" + certificates.file("text", "no certificate"),
                "holds no certificate that can be read");
        fails("sslmode=never", "Invalid sslmode value: never");
        String here = server;
        server = server.replace("localhost", "127.0.0.1");
        fails("sslmode=verify-full&sslrootcert=" + authority, "is for other host names. Connect by a name");
        server = here;

        serve("old");
        fails("sslmode=verify-full&sslrootcert=" + authority, "has expired (NotAfter: ");
        serve("stranger");
        fails("sslmode=verify-full&sslrootcert=" + authority, "or is signed by itself");
        administrator.execute("alter system set ssl = off");
        let("host all ann all scram-sha-256");
        fails("sslmode=verify-full&sslrootcert=" + authority, "does not encrypt connections (ssl = off)");
    }

    @Test
    void a_connection_is_refused_in_plain_words_where_the_server_does_not_trust_the_user() throws Exception {
        fails("sslmode=disable", "to add a line to its pg_hba.conf");
        fails(Map.of("DB_PASSWORD", "wrong"), "sslmode=require", "refuses the password of user ann: it is wrong or has"
                + " expired. It was read from DB_PASSWORD.");
        fails(Map.of("DB_PASSWORD", "", "PGPASSFILE", "/dev/null"), "sslmode=require",
                "wants a password of user ann, and none was given.");

        let("hostssl all ann all scram-sha-256 clientcert=verify-ca");
        fails("sslmode=require", "without a client certificate");
        connects(url("jdbc:", "", ""), Map.of("DB_USERNAME", "ann", "DB_PASSWORD", SECRET,
                "PGSSLMODE", "verify-full", "PGSSLROOTCERT", authority,
                "PGSSLCERT", certificates.file("good.crt", certificates.certificate("good")),
                "PGSSLKEY", certificates.file("good.pem", certificates.key("good"))));
    }

    /** Returns the password as a password file has it. */
    private static String escaped() {
        return SECRET.replaceAll("[\\\\:]", "\\\\$0");
    }

    private String url(String before, String user, String parameters) {
        return "%spostgresql://%s%s/postgres%s".formatted(before, user, server,
                parameters.isEmpty() ? "" : "?" + parameters);
    }

    private static Map<String, String> and(Map<String, String> variables, String... more) {
        Map<String, String> all = new HashMap<>(variables);
        for (int i = 0; i < more.length; i += 2) {
            all.put(more[i], more[i + 1]);
        }
        return all;
    }

    private void connects(String url, Map<String, String> variables) throws Exception {
        connects(current(url, variables));
    }

    private static void connects(CommandRun run) {
        assertThat(run.output()).containsPattern("\nmain +base ");
        assertThat(run.exitCode()).isZero();
    }

    private void fails(String parameters, String said) {
        fails(said, here(url("jdbc:", "", parameters), Map.of("DB_USERNAME", "ann", "DB_PASSWORD", SECRET)));
    }

    private void fails(Map<String, String> variables, String parameters, String said) throws Exception {
        fails(said, current(url("jdbc:", "", parameters), and(variables, "DB_USERNAME", "ann")));
    }

    private static void fails(String said, CommandRun run) {
        assertThat(run.output()).contains(said).doesNotContain(SECRET, URL_SECRET, "\tat ", "Exception:");
        assertThat(run.exitCode()).isEqualTo(2);
    }

    /** Connects in this process. */
    private static CommandRun here(String url, Map<String, String> variables) {
        return CommandRun.here(and(variables, "DATABASE_URL", url), "current");
    }

    private CommandRun current(String url, Map<String, String> variables) throws Exception {
        return CommandRun.in(folder.resolve("project"), and(variables, "DATABASE_URL", url), "current");
    }

    private static void serve(String certificate) throws Exception {
        write("server.crt", certificates.certificate(certificate));
        write("server.key", certificates.key(certificate));
        reload();
    }

    private static void let(String line) throws Exception {
        write("pg_hba.conf", "hostnossl all postgres all scram-sha-256\n" + line);
        reload();
    }

    /** A new session has the time at which the server had read all of its files. */
    private static void reload() throws Exception {
        String before = administrator.text("select pg_conf_load_time()");
        administrator.execute("select pg_reload_conf()");
        Eventually.until(() -> {
            administrator.letGo();
            return !administrator.text("select pg_conf_load_time()").equals(before);
        }, () -> "The server does not read its files again.");
    }

    /** Lets the server write the file, because its files must belong to its account. */
    private static void write(String file, String text) throws Exception {
        administrator.execute("copy (select unnest(string_to_array(%s, e'\\n'))) to program 'umask 077; cat >%s'"
                .formatted(SqlLiteral.of(text), file));
    }
}
