package dev.supportdb.lint;

/**
 * A rule for changelogs.
 *
 * @param name     its name in suppressions
 * @param sentence the requirement and its reason
 */
record Rule(String name, String sentence, Check check) {

    /** Checks a project against the rule. */
    @FunctionalInterface
    interface Check {

        void find(ChangelogProject project, Report report);
    }

    /** Collects the findings of one rule. */
    @FunctionalInterface
    interface Report {

        /** @param instead the YAML to write instead */
        void add(ChangelogFile source, YamlElement at, String message, String instead);
    }
}
