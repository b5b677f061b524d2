package dev.belfry.model.pci;

/// The bus below a bridge. Its number is what software wrote into the bridge.
public final class SecondaryBus extends PciBus {

    private final Bridge bridge;

    SecondaryBus(String name, Bridge bridge) {
        super(name);
        this.bridge = bridge;
    }

    @Override
    public int number() {
        return bridge.secondaryBusNumber();
    }

    @Override
    public RootBus root() {
        return bridge.bus().root();
    }

    @Override
    public Bridge parent() {
        return bridge;
    }

    @Override
    PciSegment segment() {
        return bridge.bus().segment();
    }

    @Override
    boolean hasPower() {
        return bridge.powersSecondary();
    }
}
