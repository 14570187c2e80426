package dev.supportdb.deploy;

import java.util.List;
import java.util.Locale;

/**
 * What happens in a deployment. In its log each is a line of JSON with the name of the event and the components under
 * the names that they have here.
 */
public sealed interface DeployEvent {

    /** The name in the log. */
    default String name() {
        return getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    /** A line for people was printed. */
    record Line(String text) implements DeployEvent {}

    /** A person was asked. The text is empty at the end of the input. */
    record Answer(String text) implements DeployEvent {}

    /** A step began. */
    record Step(String step) implements DeployEvent {

        Step(DeployStep step) {
            this(step.word());
        }
    }

    /**
     * Something that was found before anything is changed.
     *
     * @param error whether the deployment is refused for it; else somebody is asked
     * @param text  what it is, and what to do
     */
    record Finding(boolean error, String text) implements DeployEvent {}

    /**
     * How far the database is.
     *
     * @param when       {@code before} or {@code after}
     * @param changesets how many the history has; null where the database did not answer, as the next two
     * @param pending    how many are pending
     * @param last       id of the last in the history; {@code none} for an empty one
     */
    record State(String when, Integer changesets, Integer pending, String last) implements DeployEvent {}

    /** @param done whether what is pending was tried on a scratch database */
    record Review(boolean done) implements DeployEvent {}

    /** The changesets that will run. */
    record Plan(String hash, int changesets) implements DeployEvent {}

    /** A backup was made, and proven as {@code proof} says. */
    record Backup(String path, String proof) implements DeployEvent {}

    /** A changeset ran. */
    record Changeset(String id, String file, double seconds, int done, int of) implements DeployEvent {}

    /** Liquibase or a changeset said something. */
    record Message(String text) implements DeployEvent {}

    /**
     * The update failed.
     *
     * @param reason        the words of the error, which may name values of rows
     * @param withoutValues the same without them
     */
    record Failed(int applied, int of, String reason, String withoutValues) implements DeployEvent {}

    /** @param wrong each failure of the verification, without values of rows; empty for none */
    record Verified(List<String> wrong) implements DeployEvent {}

    /** The last changeset has this tag. */
    record Tag(String tag) implements DeployEvent {}

    /** The database remembers this of the run. */
    record Recorded(String result, int applied, String plan, String backup) implements DeployEvent {}
}
