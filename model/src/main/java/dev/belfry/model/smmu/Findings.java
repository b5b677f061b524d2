package dev.belfry.model.smmu;

import java.util.ArrayList;
import java.util.List;

/// Collects findings when strictness is asked for.
final class Findings {

    private static final int MOST = 1000;

    private final boolean strict;
    private final List<Finding> list = new ArrayList<>();

    Findings(boolean strict) {
        this.strict = strict;
    }

    boolean strict() {
        return strict;
    }

    void add(String rule, String section, String message) {
        if (strict && list.size() < MOST) {
            list.add(new Finding(rule, section, message));
        }
    }

    List<Finding> list() {
        return List.copyOf(list);
    }
}
