package dev.supportdb.session;

import static dev.supportdb.session.ChangesetTransaction.State.AWAITING_ROW;
import static dev.supportdb.session.ChangesetTransaction.State.CHANGED;
import static dev.supportdb.session.ChangesetTransaction.State.OUTSIDE;
import static dev.supportdb.session.ChangesetTransaction.State.UNCHANGED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.session.ChangesetTransaction.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ChangesetTransactionTest {

    enum Call {
        START_IN {
            @Override
            void on(ChangesetTransaction transaction) {
                transaction.start(true);
            }
        },
        START_OUT {
            @Override
            void on(ChangesetTransaction transaction) {
                transaction.start(false);
            }
        },
        CHANGE {
            @Override
            void on(ChangesetTransaction transaction) {
                transaction.change();
            }
        },
        COMMIT {
            @Override
            void on(ChangesetTransaction transaction) {
                transaction.commit();
            }
        },
        FINISH {
            @Override
            void on(ChangesetTransaction transaction) {
                transaction.finish();
            }
        },
        ROLL_BACK {
            @Override
            void on(ChangesetTransaction transaction) {
                transaction.rollBack();
            }
        };

        abstract void on(ChangesetTransaction transaction);
    }

    private static ChangesetTransaction in(State state) {
        ChangesetTransaction transaction = new ChangesetTransaction();
        if (state != OUTSIDE) {
            transaction.start(true);
        }
        if (state == CHANGED || state == AWAITING_ROW) {
            transaction.change();
        }
        if (state == AWAITING_ROW) {
            transaction.commit();
        }
        assertThat(transaction.state()).isEqualTo(state);
        return transaction;
    }

    /** The table of the class's Javadoc; a dash is an illegal call. */
    private static final Map<State, List<String>> TABLE = Map.of(
            OUTSIDE, List.of("UNCHANGED", "OUTSIDE", "OUTSIDE", "OUTSIDE", "OUTSIDE", "OUTSIDE"),
            UNCHANGED, List.of("UNCHANGED", "OUTSIDE", "CHANGED", "UNCHANGED", "OUTSIDE", "UNCHANGED"),
            CHANGED, List.of("-", "-", "CHANGED", "AWAITING_ROW", "-", "UNCHANGED"),
            AWAITING_ROW, List.of("-", "-", "CHANGED", "AWAITING_ROW", "OUTSIDE", "UNCHANGED"));

    @ParameterizedTest
    @EnumSource
    void each_call_leads_to_the_state_of_the_table(State from) {
        assertThatCallsLeadTo(TABLE.get(from), from);
    }

    @ParameterizedTest
    @EnumSource
    void a_table_with_one_wrong_state_is_refused(State from) {
        for (Call call : Call.values()) {
            List<String> wrong = new ArrayList<>(TABLE.get(from));
            wrong.set(call.ordinal(), wrong.get(call.ordinal()).equals("-") ? "OUTSIDE" : "-");
            assertThatThrownBy(() -> assertThatCallsLeadTo(wrong, from))
                    .isInstanceOf(AssertionError.class).hasMessageContaining("%s in the state %s", call, from);
        }
    }

    private static void assertThatCallsLeadTo(List<String> expected, State from) {
        for (Call call : Call.values()) {
            assertThat(after(call, from)).as("%s in the state %s", call, from).isEqualTo(expected.get(call.ordinal()));
        }
    }

    private static String after(Call call, State from) {
        ChangesetTransaction transaction = in(from);
        try {
            call.on(transaction);
            return transaction.state().name();
        } catch (IllegalStateException e) {
            assertThat(transaction.state()).isEqualTo(from);
            return "-";
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_commit_is_withheld_while_there_are_changes_without_a_row(State state) {
        boolean withheld = state == CHANGED || state == AWAITING_ROW;

        assertThat(in(state).commit()).isEqualTo(!withheld);
        assertThat(in(state).hasChanges()).isEqualTo(withheld);
    }

    @ParameterizedTest
    @EnumSource
    void a_transaction_is_open_from_the_start_of_a_changeset_to_its_row(State state) {
        assertThat(in(state).isOpen()).isEqualTo(state != OUTSIDE);
    }

    @Test
    void a_changeset_in_a_transaction_is_committed_once_and_after_its_row() {
        ChangesetTransaction transaction = new ChangesetTransaction();
        transaction.start(true);
        transaction.rollBack();
        transaction.change();
        transaction.change();
        assertThat(transaction.commit()).as("the commit of the changeset").isFalse();
        assertThat(transaction.commit()).as("the commit of the row").isFalse();
        transaction.finish();
        assertThat(transaction.commit()).as("the last commit").isTrue();
    }

    @Test
    void an_illegal_call_says_what_would_have_come_apart() {
        assertThatThrownBy(() -> in(AWAITING_ROW).start(true)).hasMessage("""
                Liquibase begins a changeset in the state AWAITING_ROW, \
                which would commit a changeset apart from its row in the history. \
                The changeset was not committed. Use a Liquibase version that the README names.""");
        assertThatThrownBy(() -> in(CHANGED).finish())
                .hasMessageStartingWith("Liquibase writes the row of a changeset in the state CHANGED");
    }
}
