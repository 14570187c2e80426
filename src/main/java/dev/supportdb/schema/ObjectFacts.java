package dev.supportdb.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The facts of one object in the catalogue.
 *
 * @param facts the facts in reading order; may be empty
 */
public record ObjectFacts(List<Fact> facts) {

    public static final ObjectFacts NONE = new ObjectFacts(List.of());

    public ObjectFacts {
        facts = List.copyOf(facts);
    }

    public boolean isEmpty() {
        return facts.isEmpty();
    }

    /** The facts that define the object. */
    public ObjectFacts definition() {
        return only(Fact::isDefinition);
    }

    /** Returns its comment, its owner if it differs from the database's usual one, and its privileges. */
    public ObjectFacts notes() {
        return only(fact -> !fact.isDefinition());
    }

    public ObjectFacts only(Predicate<Fact> wanted) {
        return new ObjectFacts(facts.stream().filter(wanted).toList());
    }

    public boolean has(String aspect) {
        return facts.stream().anyMatch(fact -> fact.aspect().equals(aspect));
    }

    public boolean hasOnly(Set<String> aspects) {
        return facts.stream().allMatch(fact -> aspects.contains(fact.aspect()));
    }

    /** Returns the value of an aspect, if it has one. */
    public Optional<String> value(String aspect) {
        return values(aspect).stream().findFirst();
    }

    /** Returns the values of an aspect whose value is a list, in its order. */
    public List<String> values(String aspect) {
        return facts.stream().filter(fact -> fact.aspect().equals(aspect)).map(Fact::value).toList();
    }

    /** Returns texts for people: one for the definition, and one for each note. */
    public List<String> lines() {
        return statements().map(FactText::of).toList();
    }

    /** The facts of each line: the definition as a whole, the notes one by one. */
    Stream<ObjectFacts> statements() {
        List<ObjectFacts> statements = new ArrayList<>();
        if (!definition().isEmpty()) {
            statements.add(definition());
        }
        notes().facts.forEach(note -> statements.add(new ObjectFacts(List.of(note))));
        return statements.stream();
    }
}
