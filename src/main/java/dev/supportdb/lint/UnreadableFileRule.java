package dev.supportdb.lint;

/** A file that cannot be read, so that nothing else can be said of the changelog. */
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
