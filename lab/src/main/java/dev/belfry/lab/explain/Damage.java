package dev.belfry.lab.explain;

import dev.belfry.lab.explain.Messages.Message;
import dev.belfry.model.pci.spec.Bdf;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/// How far what loses a message goes: whether the rest of the device works, which is what a user
/// notices first.
final class Damage {

    private final Inventory inventory;
    private final Streams streams;
    private final Map<Bdf, Boolean> writable = new HashMap<>();

    Damage(Inventory inventory, Streams streams) {
        this.inventory = inventory;
        this.streams = streams;
    }

    /// Whether, as far as can be seen, the message alone is lost.
    boolean alone(Message message) {
        Streams.Seen stream = streams.of(message.bdf());
        if (stream.policy().endsWith("bypass")) {
            return !oneAddress(message);
        }
        return !stream.stage1() || writable.computeIfAbsent(message.bdf(), this::maps);
    }

    /// A function whose messages all go to one address that is no doorbell was set up for a domain
    /// that translates.
    private boolean oneAddress(Message message) {
        return inventory.view().functions().stream()
                .filter(f -> f.bdf().equals(message.bdf()))
                .flatMap(f -> inventory.messages().of(f).stream())
                .filter(m -> m.programmed() && !m.masked())
                .allMatch(m -> m.address() == message.address());
    }

    /// Whether stage 1 lets the device write anywhere at all.
    private boolean maps(Bdf bdf) {
        return new IovaMap(inventory, streams)
                .of(bdf, OptionalInt.empty()).ranges().stream()
                        .anyMatch(r -> r.access().startsWith("rw"));
    }
}
