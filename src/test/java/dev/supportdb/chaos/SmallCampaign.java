package dev.supportdb.chaos;

import java.util.Random;

/** A little of everything that {@code make chaos} does, on one server of its own for all the tests of this JVM. */
final class SmallCampaign {

    static final Campaign CAMPAIGN = new Campaign(3_000, 50, Long.getLong("chaos.seed", new Random().nextLong()));

    private static ChaosServer lab;

    static {
        System.out.println("Chaos is drawn from seed " + CAMPAIGN.seed() + "; -Dchaos.seed=" + CAMPAIGN.seed()
                + " draws it again");
    }

    private SmallCampaign() {
    }

    static synchronized ChaosServer lab() throws Exception {
        if (lab == null) {
            lab = ChaosServer.open(CAMPAIGN);
        }
        return lab;
    }
}
