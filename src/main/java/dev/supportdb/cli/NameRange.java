package dev.supportdb.cli;

import java.util.List;

/**
 * A range of names: {@code 008:016}, or {@code 008 016}. Double colons in a changeset's full name do not count.
 *
 * @param from empty if not given
 * @param to   empty if not given
 */
record NameRange(String from, String to) {

    static NameRange of(List<String> typed) {
        if (typed.size() == 2) {
            return new NameRange(typed.get(0), typed.get(1));
        }
        String[] ends = String.join("", typed).split("(?<!:):(?!:)", -1);
        if (ends.length != 2) {
            throw new IllegalArgumentException(
                    "A range is FROM:TO, such as 008:016, not '%s'. FROM or TO may be left out, as in :016"
                            .formatted(String.join(" ", typed)));
        }
        return new NameRange(ends[0].strip(), ends[1].strip());
    }

    /** The range in words. */
    String words() {
        return "%s to %s".formatted(from.isEmpty() ? "an empty database" : from, to.isEmpty() ? "the heads" : to);
    }
}
