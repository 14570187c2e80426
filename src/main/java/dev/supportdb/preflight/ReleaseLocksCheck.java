package dev.supportdb.preflight;

import dev.supportdb.session.SupportDatabase;
import liquibase.command.CommandScope;

/** Checks {@code releaseLocks}, which writes the lock and takes none. */
public final class ReleaseLocksCheck extends EarlyCheck {

    /** Called by Liquibase, which loads it as a service. */
    public ReleaseLocksCheck() {
        super("releaseLocks");
    }

    @Override
    void check(CommandScope command, SupportDatabase database) throws Exception {
        LockedCommandCheck.check(command, database);
    }
}
