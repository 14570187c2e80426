package dev.supportdb.review.pack;

import gg.jte.output.StringOutput;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The review as a comment on a pull request, with as much of the SQL as fits. */
final class ReviewComment {

    /** The longest text in characters: the 65,536 that GitHub accepts, less the addition of {@code .ci/comment}. */
    static final int LONGEST = 65_000;

    private ReviewComment() {
    }

    /** Writes the changesets with open findings first, then the newest. */
    static String of(ReviewPage page) {
        List<ChangesetView> wanted = new ArrayList<>(page.changesets());
        wanted.sort(Comparator.comparing(ChangesetView::isFine).thenComparing(one -> -one.number()));
        Set<Integer> shown = new HashSet<>();
        int free = LONGEST - render(page, shown).length();
        for (ChangesetView changeset : wanted) {
            // 400 is about the length of the markup around it.
            int size = changeset.forward().sql().length() + changeset.back().sql().length() + 400;
            if (size < free) {
                free -= size;
                shown.add(changeset.number());
            }
        }
        return render(page, shown);
    }

    private static String render(ReviewPage page, Set<Integer> shown) {
        StringOutput text = new StringOutput();
        JtereviewGenerated.render(text, null, page, shown);
        return text.toString();
    }
}
