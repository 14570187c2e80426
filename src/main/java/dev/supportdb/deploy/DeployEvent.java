package dev.supportdb.deploy;

import java.util.List;
import java.util.Locale;

/**
 * An event of a deployment. In its log each is a line of JSON with the name of the event and its components, under the
 * same names as here.
 */
public sealed interface DeployEvent {

    /** The event's name in the log. */
    default String name() {
        return getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    /** A line that was printed for people. */
    record Line(String text) implements DeployEvent {}

    /** The answer of a person; empty at the end of the input. */
    record Answer(String text) implements DeployEvent {}

    /** The start of a step. */
    record Step(String step) implements DeployEvent {

        Step(DeployStep step) {
            this(step.word());
        }
    }

    /**
     * A finding before anything is changed.
     *
     * @param error whether it refuses the deployment; otherwise a person decides
     * @param text  the finding and what to do
     */
    record Finding(boolean error, String text) implements DeployEvent {}

    /**
     * The state of the database.
     *
     * @param when       {@code before} or {@code after}
     * @param changesets the number in the history; null if the database did not answer, like the next two
     * @param pending    the number of pending changesets
     * @param last       the id of the last one in the history; {@code none} for an empty history
     */
    record State(String when, Integer changesets, Integer pending, String last) implements DeployEvent {}

    /** @param done whether the pending changesets were tried on a scratch database */
    record Review(boolean done) implements DeployEvent {}

    /** The plan of changesets to run. */
    record Plan(String hash, int changesets) implements DeployEvent {}

    /** A backup and its kind of proof. */
    record Backup(String path, String proof) implements DeployEvent {}

    /** A changeset that has run. */
    record Changeset(String id, String file, double seconds, int done, int of) implements DeployEvent {}

    /** A message of Liquibase or of a changeset. */
    record Message(String text) implements DeployEvent {}

    /**
     * A failed update.
     *
     * @param reason        the error message, which may contain values of rows
     * @param withoutValues the same without them
     */
    record Failed(int applied, int of, String reason, String withoutValues) implements DeployEvent {}

    /** @param wrong the failures of the verification, without values of rows; empty if there are none */
    record Verified(List<String> wrong) implements DeployEvent {}

    /** The tag of the last changeset. */
    record Tag(String tag) implements DeployEvent {}

    /** The record of the run in the database. */
    record Recorded(String result, int applied, String plan, String backup) implements DeployEvent {}
}
