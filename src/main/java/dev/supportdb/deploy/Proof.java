package dev.supportdb.deploy;

import java.time.Duration;

/**
 * How far a backup is proven before it counts.
 *
 * @param kind the kind of the proof
 * @param age  with {@link Kind#RECENT}, how old a whole proof of the same database may be; else null
 */
public record Proof(Kind kind, Duration age) {

    /** The kinds of proofs, weakest last. */
    public enum Kind {
        /** Restores the backup into a scratch database and compares everything. */
        FULL,
        /** Like {@link #LIST} if a full proof is recent enough, otherwise like {@link #FULL}. */
        RECENT,
        /** Reads the whole backup, which must have the rows of every table. Restores nothing. */
        LIST
    }

    private static final String RECENT = "recent=";

    /** @throws IllegalArgumentException if it is none of {@code full}, {@code list} and {@code recent=24h} */
    public static Proof of(String typed) {
        if (typed.startsWith(RECENT)) {
            return new Proof(Kind.RECENT, Age.of(typed.substring(RECENT.length())));
        }
        return switch (typed) {
            case "full" -> new Proof(Kind.FULL, null);
            case "list" -> new Proof(Kind.LIST, null);
            default -> throw new IllegalArgumentException(
                    "A backup is proven by full, list or recent=24h, not by '%s'".formatted(typed));
        };
    }
}
