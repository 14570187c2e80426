package dev.supportdb.changelog;

import java.util.List;

/**
 * The features of one label, each of which depends on the one before.
 *
 * @param features in their order, at least one
 * @param needs    names of other branches without which it cannot be deployed
 * @param merges   names of other branches that one of its features waits for, while the others run
 */
public record Branch(String name, List<Feature> features, List<String> needs, List<String> merges) {

    public Branch {
        features = List.copyOf(features);
        needs = List.copyOf(needs);
        merges = List.copyOf(merges);
    }

    /** The last feature. */
    public Feature head() {
        return features.get(features.size() - 1);
    }
}
