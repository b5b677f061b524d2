package dev.belfry.vmm.reader;

import dev.belfry.vmm.cmdline.CommandLine;
import java.util.Optional;

/// Properties of `-machine` that name something which must be there before the machine is.
final class MachineLinks {

    private final CommandLine commandLine;

    MachineLinks(CommandLine commandLine) {
        this.commandLine = commandLine;
    }

    /// What QEMU says to a name, when it is wrong.
    Optional<String> refuse(String key, String name) {
        return switch (key) {
            case "memory-encryption" ->
                    guestSupport("No such memory encryption object '" + name + "'", name);
            case "confidential-guest-support" ->
                    name.isEmpty()
                            ? Optional.empty()
                            : guestSupport("Device '" + name + "' not found", name);
            case "pflash0", "pflash1" ->
                    DeviceNeeds.isDrive(commandLine, name)
                            ? Optional.empty()
                            : Optional.of(
                                    "Property 'cfi.pflash01.drive' can't find value '"
                                            + name
                                            + "'");
            default -> Optional.empty();
        };
    }

    /// No object of QEMU for Arm is of that type. Memory backends are made later.
    private Optional<String> guestSupport(String absent, String name) {
        boolean there =
                commandLine
                        .all("object")
                        .map(o -> o.params())
                        .filter(p -> !p.get("qom-type", "").startsWith("memory-backend-"))
                        .anyMatch(p -> p.get("id", "").equals(name));
        return Optional.of(
                there
                        ? "Invalid parameter type for 'confidential-guest-support', expected:"
                                + " confidential-guest-support"
                        : absent);
    }
}
