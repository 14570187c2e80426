package dev.supportdb.review;

import dev.supportdb.postgres.SqlLexer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * The measurements of a statement. Tables are those outside the catalogue, by qualified name, including those that the
 * statement has created or dropped.
 *
 * @param time        without the time for measuring it, or delaying it on purpose
 * @param inside      whether it ran in a transaction, where no lock is missed
 * @param begun       whether it began a transaction of its own and left it open
 * @param ended       whether it ended the transaction that it ran in
 * @param lockTimeout the longer one of before and after it; zero for none
 * @param locks       the locks it took and its transaction had not, strongest of each table
 * @param read        rows read by table, by scan or index; DDL counts too
 * @param pages       pages of 8 kB read by table, of its indexes too, from memory or disk
 * @param changed     rows updated and deleted by table
 * @param inserted    rows inserted by table
 * @param rewritten   tables whose rows were rewritten into another file
 * @param built       indexes whose entries were written, new ones and those of a rewritten table, with their bytes
 * @param settings    the settings of the session that it changed, with their new values
 * @param wal         bytes of log that the server wrote meanwhile, for all sessions
 */
public record StatementTrace(String sql, Duration time, boolean inside, boolean begun, boolean ended,
        Duration lockTimeout, Map<String, LockMode> locks, Map<String, Long> read, Map<String, Long> pages,
        Map<String, Long> changed, Map<String, Long> inserted, Set<String> rewritten, Map<String, Long> built,
        Map<String, String> settings, long wal) {

    /** The beginning of the statement, on one line. */
    public String brief() {
        String line = SqlLexer.fromFirstWord(sql).strip().replaceAll("\\s+", " ");
        return line.length() <= 100 ? line : line.substring(0, 97) + "...";
    }
}
