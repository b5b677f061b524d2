package dev.belfry.model.pci;

import dev.belfry.model.pci.spec.ConfigSpace;
import dev.belfry.model.pci.spec.ExpressCapability;
import dev.belfry.model.pci.spec.PortType;
import java.util.ArrayList;
import java.util.List;

/// A function with a Type 0 header.
public non-sealed class Endpoint extends PciFunction {

    private final List<Runnable> resetActions = new ArrayList<>();

    /// An endpoint without BARs or capabilities.
    ///
    /// @param express whether it has 4,096 bytes of configuration space, else 256
    public Endpoint(FunctionIdentity identity, boolean express) {
        super(identity, express ? ConfigSpace.EXPRESS : ConfigSpace.CONVENTIONAL, 0);
    }

    /// What else to do on reset.
    public final void onReset(Runnable action) {
        resetActions.add(action);
    }

    /// An endpoint on a root bus has no link above it: it says so in its Device/Port Type.
    @Override
    void attach(PciBus to, int at) {
        super.attach(to, at);
        if (to instanceof RootBus) {
            configSpace()
                    .express()
                    .filter(e -> e.type() == PortType.ENDPOINT)
                    .ifPresent(e ->
                            config().fix(
                                            e.offset() + ExpressCapability.CAPABILITIES,
                                            2,
                                            ExpressCapability.DEVICE_PORT_TYPE.set(
                                                    e.capabilities(),
                                                    PortType.ROOT_COMPLEX_INTEGRATED_ENDPOINT
                                                            .code())));
        }
    }

    @Override
    public void reset() {
        super.reset();
        for (Runnable action : resetActions) {
            action.run();
        }
    }
}
