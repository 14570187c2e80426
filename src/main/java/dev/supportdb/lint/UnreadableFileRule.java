package dev.supportdb.lint;

/** Finds a file that cannot be read, which prevents all other rules. */
final class UnreadableFileRule {

    static final Rule RULE = new Rule("yaml", "A file of the changelog is YAML.", UnreadableFileRule::find);

    private UnreadableFileRule() {
    }

    private static void find(ChangelogProject project, Rule.Report report) {
        for (ChangelogFile source : project.sources()) {
            source.fault().ifPresent(fault -> report.add(source, fault.at(), "This is not YAML: %s."
                    .formatted(fault.message()), fault.instead()));
        }
    }
}
