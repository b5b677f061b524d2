package dev.belfry.guest.driver;

import dev.belfry.guest.dma.DmaSpace;
import dev.belfry.guest.irq.InterruptTable;
import dev.belfry.kernel.its.MsiDomain;
import dev.belfry.kernel.pci.MessageVectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntConsumer;

/// The interrupt vectors of one device: requested, spread over the CPUs, counted, given back.
final class DeviceVectors {

    /// What they are made of.
    ///
    /// @param table the device's MSI-X table, or its MSI capability
    /// @param domain who gives vectors
    /// @param deviceId DeviceID there
    /// @param space where the doorbell is mapped for the device
    /// @param mask addresses that the device reaches
    /// @param interrupts who handles what
    record Source(
            MessageVectors table,
            MsiDomain domain,
            long deviceId,
            DmaSpace space,
            long mask,
            InterruptTable interrupts) {}

    private final Source source;
    private final IntConsumer handler;
    private final List<VectorState> vectors = new ArrayList<>();
    private Optional<MsiDomain.Vectors> block = Optional.empty();

    /// @param handler told of each interrupt, by vector, after it was counted
    DeviceVectors(Source source, IntConsumer handler) {
        this.source = source;
        this.handler = handler;
    }

    /// Requests up to `limit` vectors, fewer where there are not so many, and lets them through.
    ///
    /// @return how many there are
    int request(int limit) {
        MessageVectors table = source.table;
        OptionalLong address = source.space.mapDoorbell(source.domain.doorbell(), source.mask);
        int wanted = Math.min(limit, table.vectors());
        if (address.isEmpty() || wanted <= 0) {
            return 0;
        }
        table.enable(wanted);
        while (wanted > 0 && block.isEmpty()) {
            block = source.domain.allocate(source.deviceId, wanted);
            wanted = block.isEmpty() ? wanted / 2 : wanted;
        }
        if (block.isEmpty()) {
            table.disable();
            return 0;
        }
        for (int index = 0; index < wanted; index++) {
            activate(block.get(), index, address.getAsLong());
        }
        table.start();
        for (int index = 0; index < wanted; index++) {
            unmask(index);
        }
        return wanted;
    }

    private void activate(MsiDomain.Vectors from, int index, long address) {
        int cpu = source.interrupts.pickCpu();
        source.domain.activate(from, index, cpu);
        source.table.program(index, address, from.data(index));
        source.interrupts.register(from.intId(index), taker -> handle(index));
        vectors.add(
                new VectorState(
                        index,
                        address,
                        from.data(index),
                        source.domain.doorbell(),
                        from.intId(index),
                        cpu,
                        true,
                        0));
    }

    private void handle(int index) {
        vectors.set(index, vectors.get(index).takenOnceMore());
        handler.accept(index);
    }

    private boolean has(int index) {
        return index < vectors.size() && block.isPresent();
    }

    /// Lets a vector through: table entry first, then the interrupt controller.
    void unmask(int index) {
        if (has(index)) {
            source.table.unmask(index);
            source.domain.unmask(block.orElseThrow(), index);
            vectors.set(index, vectors.get(index).withMasked(false));
        }
    }

    /// Holds a vector back: table entry first, then the interrupt controller.
    void mask(int index) {
        if (has(index)) {
            source.table.mask(index);
            source.domain.mask(block.orElseThrow(), index);
            vectors.set(index, vectors.get(index).withMasked(true));
        }
    }

    /// Sends a vector to another CPU. The message stays as it is.
    void setAffinity(int index, int cpu) {
        if (has(index)) {
            VectorState old = vectors.get(index);
            source.domain.setAffinity(block.orElseThrow(), index, cpu);
            source.interrupts.leaveCpu(old.cpu());
            source.interrupts.enterCpu(cpu);
            vectors.set(index, old.movedTo(cpu));
        }
    }

    /// The vectors as they are now.
    List<VectorState> states() {
        return List.copyOf(vectors);
    }

    /// Masks and gives back all of them; MSI-X or MSI is off then.
    void release() {
        for (VectorState vector : states()) {
            mask(vector.index());
            source.interrupts.unregister(vector.intId());
            source.interrupts.leaveCpu(vector.cpu());
        }
        block.ifPresent(from -> {
            vectors.forEach(v -> source.domain.deactivate(from, v.index()));
            source.domain.release(from);
        });
        if (!vectors.isEmpty()) {
            source.table.disable();
        }
        vectors.clear();
        block = Optional.empty();
    }
}
