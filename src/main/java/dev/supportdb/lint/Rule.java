package dev.supportdb.lint;

/**
 * One thing a changelog must not do.
 *
 * @param name     what an exception calls it
 * @param sentence what it asks for, and why
 */
record Rule(String name, String sentence, Check check) {

    /** Looks for it. */
    @FunctionalInterface
    interface Check {

        void find(ChangelogProject project, Report report);
    }

    /** The findings of one rule so far. */
    @FunctionalInterface
    interface Report {

        /** @param instead the YAML to write there */
        void add(ChangelogFile source, YamlElement at, String message, String instead);
    }
}
