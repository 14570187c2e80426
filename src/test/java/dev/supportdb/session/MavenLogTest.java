package dev.supportdb.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import liquibase.Scope;
import liquibase.command.CommandScope;
import liquibase.logging.LogService;
import org.junit.jupiter.api.Test;

/** A goal may run several commands of Liquibase, under one filter of the log. */
final class MavenLogTest {

    @Test
    void a_command_that_another_one_runs_leaves_the_filter_in_place() throws Exception {
        LogService plugins = log();
        CommandScope caller = new CommandScope("updateTestingRollback");

        Scope.child(Map.of(), () -> {
            MavenLog.enter(plugins, caller);
            MavenLog.end(new CommandScope("update"));
            assertThat(log()).isInstanceOf(MavenLog.class);

            MavenLog.end(caller);
            assertThat(log()).isSameAs(plugins);
        });
    }

    private static LogService log() {
        return Scope.getCurrentScope().get(Scope.Attr.logService, LogService.class);
    }
}
