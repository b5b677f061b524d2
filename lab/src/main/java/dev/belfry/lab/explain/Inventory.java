package dev.belfry.lab.explain;

import dev.belfry.guest.firmware.FirmwareInfo;
import dev.belfry.model.system.SystemView;
import dev.belfry.model.system.SystemView.Frame;
import java.util.Optional;

/// A view joined with all that is needed to ask it questions.
final class Inventory {

    private final SystemView view;
    private final WatchedMemory memory;
    private final Topology topology;
    private final Ids ids;
    private final Quirks quirks;
    private final StreamWalks walks;
    private final Redistributors redistributors;
    private final Arrivals arrivals;
    private final SpiArrivals spis;
    private final Doorbells doorbells;
    private final Messages messages;

    Inventory(SystemView view, Optional<FirmwareInfo> firmware) {
        this.view = view;
        this.memory = new WatchedMemory(view);
        this.topology = new Topology(view.functions());
        this.ids = new Ids(firmware, topology, view.smmus());
        this.quirks = Quirks.of(view.source());
        this.walks = new StreamWalks(view, memory, quirks);
        this.redistributors = new Redistributors(view, memory, quirks);
        this.arrivals = new Arrivals(view, memory, redistributors);
        this.spis = new SpiArrivals(view, redistributors);
        this.doorbells = new Doorbells(view, memory);
        this.messages = new Messages(topology);
    }

    SystemView view() {
        return view;
    }

    WatchedMemory memory() {
        return memory;
    }

    Topology topology() {
        return topology;
    }

    Ids ids() {
        return ids;
    }

    StreamWalks walks() {
        return walks;
    }

    Arrivals arrivals() {
        return arrivals;
    }

    Redistributors redistributors() {
        return redistributors;
    }

    Quirks quirks() {
        return quirks;
    }

    SpiArrivals spis() {
        return spis;
    }

    Doorbells doorbells() {
        return doorbells;
    }

    Messages messages() {
        return messages;
    }

    /// An SMMU's frame.
    Frame smmu(int index) {
        return view.smmus().get(index);
    }
}
