package dev.belfry.kernel.pci;

import static dev.belfry.model.pci.spec.ExpressCapability.SLOT_CAPABILITIES;
import static dev.belfry.model.pci.spec.ExpressCapability.SLOT_CONTROL;
import static dev.belfry.model.pci.spec.ExpressCapability.SLOT_STATUS;

import dev.belfry.model.bits.Field;
import dev.belfry.model.pci.spec.ExpressCapability;
import dev.belfry.model.pci.spec.SlotRegister;
import java.util.Optional;

/// Drives the slot below one port (PCIe 6.7, as Linux's pciehp): events say that something
/// happened, Presence Detect State says what is the case. A slot is powered only while a card is in
/// it.
public final class HotPlugPort {

    private static final long EVENTS =
            SlotRegister.ATTENTION_BUTTON_PRESSED.mask()
                    | SlotRegister.PRESENCE_DETECT_CHANGED.mask()
                    | SlotRegister.COMMAND_COMPLETED.mask();

    private static final long NOTIFY =
            SlotRegister.ATTENTION_BUTTON_PRESSED_ENABLE.mask()
                    | SlotRegister.PRESENCE_DETECT_CHANGED_ENABLE.mask()
                    | SlotRegister.HOT_PLUG_INTERRUPT_ENABLE.mask();

    /// What the kernel has to do about a slot.
    public enum Change {
        NOTHING,
        /// A card is there that was not: power it, look for functions, take them into use.
        INSERTED,
        /// Somebody pressed the button below a card in use: let go of it, then take its power.
        REMOVAL_ASKED,
        /// The card is gone already.
        GONE
    }

    private final ConfigAccess config;
    private final PciFunction port;
    private final int express;
    private boolean inUse;

    private HotPlugPort(ConfigAccess config, PciFunction port, int express) {
        this.config = config;
        this.port = port;
        this.express = express;
    }

    /// For a port; empty when it has no slot, or cards in it stay.
    public static Optional<HotPlugPort> of(ConfigAccess config, PciFunction port) {
        return port.space()
                .express()
                .filter(e -> ExpressCapability.SLOT_IMPLEMENTED.isSet(e.capabilities()))
                .map(ExpressCapability::offset)
                .filter(at ->
                        SlotRegister.HOT_PLUG_CAPABLE.isSet(
                                config.read(port.routingId(), at + SLOT_CAPABILITIES, 4)))
                .map(at -> new HotPlugPort(config, port, at));
    }

    /// The port.
    public PciFunction port() {
        return port;
    }

    /// Forgets events of before, asks for those to come, and takes an empty slot's power.
    public void start() {
        takeEvents();
        inUse = isPresent();
        control(NOTIFY, 0);
        if (!inUse) {
            powerOff();
        }
    }

    /// Takes the events and tells what is to be done.
    public Change handle() {
        boolean button = SlotRegister.ATTENTION_BUTTON_PRESSED.isSet(takeEvents());
        boolean present = isPresent();
        if (present && !inUse) {
            return Change.INSERTED;
        }
        if (!present && inUse) {
            return Change.GONE;
        }
        return inUse && button ? Change.REMOVAL_ASKED : Change.NOTHING;
    }

    /// Gives a card power.
    public void powerOn() {
        inUse = true;
        indicator(SlotRegister.INDICATOR_BLINK);
        control(0, SlotRegister.POWER_CONTROLLER_CONTROL.mask());
        indicator(SlotRegister.INDICATOR_ON);
    }

    /// Tells whoever stands before the slot that its card will be let go.
    public void announceRemoval() {
        indicator(SlotRegister.INDICATOR_BLINK);
    }

    /// Takes a slot's power; the card may be taken out from then on.
    public void powerOff() {
        inUse = false;
        Field power = SlotRegister.POWER_CONTROLLER_CONTROL;
        control(power.mask(), 0);
        indicator(SlotRegister.INDICATOR_OFF);
    }

    private boolean isPresent() {
        return SlotRegister.PRESENCE_DETECT_STATE.isSet(status());
    }

    /// Reads the events, and clears those that it has seen.
    private long takeEvents() {
        long events = status() & EVENTS;
        if (events != 0) {
            config.write(port.routingId(), express + SLOT_STATUS, 2, events);
        }
        return events;
    }

    private long status() {
        return config.read(port.routingId(), express + SLOT_STATUS, 2);
    }

    private void indicator(int state) {
        Field field = SlotRegister.POWER_INDICATOR_CONTROL;
        control(field.of(state), field.mask());
    }

    /// A command to the slot: it completes at once here, and its event is cleared with the next.
    private void control(long set, long clear) {
        int id = port.routingId();
        long old = config.read(id, express + SLOT_CONTROL, 2);
        long now = (old & ~clear) | set;
        if (now != old) {
            config.write(id, express + SLOT_CONTROL, 2, now);
        }
    }
}
