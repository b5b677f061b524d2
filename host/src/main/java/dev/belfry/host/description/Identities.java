package dev.belfry.host.description;

import dev.belfry.model.smmu.SmmuIdentity;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Identities of SMMUs that hosts have, by the names that a description uses.
final class Identities {

    private static final Map<String, SmmuIdentity> ALL =
            Map.of("grace", SmmuIdentity.GRACE, "kunpeng920", SmmuIdentity.KUNPENG920);

    private Identities() {}

    static Optional<SmmuIdentity> named(String name) {
        return Optional.ofNullable(ALL.get(name));
    }

    static List<String> names() {
        return ALL.keySet().stream().sorted().toList();
    }
}
