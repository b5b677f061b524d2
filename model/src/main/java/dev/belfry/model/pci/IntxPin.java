package dev.belfry.model.pci;

import dev.belfry.model.pci.spec.Command;
import dev.belfry.model.pci.spec.ConfigRegister;
import dev.belfry.model.pci.spec.Status;
import java.util.function.Consumer;

/// The INTx pin of a function (PCIe 6.1.2): a level, up as long as the device asks for service,
/// unless software said Interrupt Disable or enabled MSI or MSI-X. Status.Interrupt Status tells
/// what the device asks for, whatever Interrupt Disable says (7.5.1.1.4).
public final class IntxPin {

    private final PciFunction function;
    private boolean asking;
    private boolean level;
    private Consumer<Boolean> wire = up -> {};

    IntxPin(PciFunction function, int pin) {
        this.function = function;
        function.config().fix(ConfigRegister.INTERRUPT_PIN.offset(), 1, pin);
    }

    /// Where it leads.
    ///
    /// @param to told of each change of the level
    public void connect(Consumer<Boolean> to) {
        wire = to;
    }

    /// The device asks for service, or no longer does.
    public void ask(boolean now) {
        asking = now;
        int status = ConfigRegister.STATUS.offset();
        long old = function.config().read(status, 2);
        function.config().set(status, 2, Status.INTERRUPT_STATUS.set(old, now ? 1 : 0));
        update();
    }

    /// Whether the wire is up.
    public boolean level() {
        return level;
    }

    /// What may hold it back has changed.
    void update() {
        long command = function.config().read(ConfigRegister.COMMAND.offset(), 2);
        boolean messages =
                function.msix().filter(Msix::enabled).isPresent()
                        || function.msi().filter(Msi::enabled).isPresent();
        boolean now = asking && !messages && !Command.INTERRUPT_DISABLE.isSet(command);
        if (now != level) {
            level = now;
            wire.accept(now);
        }
    }
}
