package dev.supportdb.review.pack;

import java.util.List;

/** A team's checklist before or after a deployment, with the items ticked whose answer is known. */
record Checklist(String title, List<Item> items) {

    /** @param known the known answer; null if only people can tell */
    record Item(String text, boolean done, String known) {

        private static Item yours(String text) {
            return new Item(text, false, null);
        }
    }

    static List<Checklist> of(ReviewPage page) {
        Review.Commands others = page.review().others();
        boolean whole = page.isWhole();
        boolean blocks = page.isBlocking();
        boolean copied = page.review().rows() == Review.Rows.COPIED;
        boolean wayBack = page.review().wayBack();
        boolean proven = page.isProvenBack();
        String ran = whole ? "ran on a scratch database, " + (wayBack ? "forward, back and forward again" : "forward")
                : "one failed on a scratch database";
        Item tried = new Item("It has run in a development database", whole, ran);
        Item back = new Item("The way back has been tried", proven, !wayBack ? "none was given"
                : proven ? "schema and data came back to the byte" : "not proven for all changesets");
        Item window = new Item("A maintenance window is agreed on, if one is needed", !blocks && whole,
                blocks ? "needed, or the safe forms above" : whole ? "none is needed: nobody waits" : null);
        return List.of(
                new Checklist("Before the deployment", List.of(tried,
                        new Item("It has run in staging, on data like production's", copied && whole,
                                copied ? "ran on a copy" : "ran on generated rows; %s runs it on a copy".formatted(
                                        others.of("rehearse", "--dump=FILE"))),
                        Item.yours("Somebody else than its author has reviewed it"),
                        back,
                        new Item("The cost on large tables is known", whole, !whole ? null : page.worst().isEmpty()
                                ? "no lock stops anybody" : "measured: the locks are on this page"),
                        Item.yours("There is a plan for backups"),
                        new Item("The way back is written down", wayBack, wayBack
                                ? "the rollback SQL is on this page, %s runs it".formatted(others.of("downgrade"))
                                : "none was given"),
                        window,
                        Item.yours("The team knows when it happens"),
                        Item.yours("Alerts watch the database (docs/monitoring.md)"))),
                new Checklist("Around the run in production", List.of(
                        Item.yours("A backup is made"),
                        new Item("The changesets have run on another database first", whole, ran),
                        new Item("The way back is ready", proven, back.known()),
                        window,
                        Item.yours("The schema is compared afterwards: " + others.of("check")),
                        Item.yours("The application is tested against it"))));
    }
}
