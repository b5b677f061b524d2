package dev.belfry.model.pci;

import static dev.belfry.model.pci.spec.ExpressCapability.LINK_STATUS;
import static dev.belfry.model.pci.spec.ExpressCapability.SLOT_CAPABILITIES;
import static dev.belfry.model.pci.spec.ExpressCapability.SLOT_CONTROL;
import static dev.belfry.model.pci.spec.ExpressCapability.SLOT_STATUS;

import dev.belfry.model.bits.Field;
import dev.belfry.model.pci.spec.SlotRegister;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The slot below a root port or a switch's downstream port (PCIe 6.7): what is in it, its power,
/// and the events that tell software of changes.
///
/// A card comes with Presence Detect Changed and a press of the Attention Button, as QEMU sends
/// them; software powers the slot on and looks. A card leaves when software has powered the slot
/// off: at once where it is off already, else after a press of the button. The interrupt is MSI-X
/// or MSI vector 0 of the port.
public final class HotPlugSlot {

    private static final long WRITABLE_CONTROL = 0x0ff9;
    private static final long EVENTS =
            SlotRegister.ATTENTION_BUTTON_PRESSED.mask()
                    | SlotRegister.PRESENCE_DETECT_CHANGED.mask()
                    | SlotRegister.COMMAND_COMPLETED.mask();
    private static final long INDICATORS_OFF =
            SlotRegister.ATTENTION_INDICATOR_CONTROL.of(SlotRegister.INDICATOR_OFF)
                    | SlotRegister.POWER_INDICATOR_CONTROL.of(SlotRegister.INDICATOR_OFF);
    private static final long CAPABILITIES =
            SlotRegister.ATTENTION_BUTTON_PRESENT.mask()
                    | SlotRegister.POWER_CONTROLLER_PRESENT.mask()
                    | SlotRegister.ATTENTION_INDICATOR_PRESENT.mask()
                    | SlotRegister.POWER_INDICATOR_PRESENT.mask()
                    | SlotRegister.ELECTROMECHANICAL_INTERLOCK_PRESENT.mask();

    private final Bridge port;
    private final int express;
    private final List<Consumer<PciFunction>> listeners = new ArrayList<>();
    private long controlBefore;
    private boolean notified;

    /// Declares the registers; a card is taken to be in the slot until [#powerOn].
    ///
    /// @param express offset of the port's PCI Express capability
    HotPlugSlot(Bridge port, int express) {
        this.port = port;
        this.express = express;
        port.config()
                .fix(express + SLOT_CONTROL, 2, INDICATORS_OFF)
                .writable(express + SLOT_CONTROL, 2, WRITABLE_CONTROL)
                .fix(express + SLOT_STATUS, 2, SlotRegister.PRESENCE_DETECT_STATE.mask())
                .writeOneToClear(express + SLOT_STATUS, 2, EVENTS);
        describe(0, true);
    }

    /// What Slot Capabilities say.
    ///
    /// @param number Physical Slot Number, 13 bits
    /// @param hotPlug whether cards may come and go
    public void describe(int number, boolean hotPlug) {
        long plug = SlotRegister.HOT_PLUG_CAPABLE.mask() | SlotRegister.HOT_PLUG_SURPRISE.mask();
        port.config()
                .fix(
                        express + SLOT_CAPABILITIES,
                        4,
                        CAPABILITIES
                                | SlotRegister.PHYSICAL_SLOT_NUMBER.of(number)
                                | (hotPlug ? plug : 0));
    }

    /// Whether cards may come and go.
    public boolean isHotPlugCapable() {
        return SlotRegister.HOT_PLUG_CAPABLE.isSet(
                port.config().read(express + SLOT_CAPABILITIES, 4));
    }

    /// Whom to tell of each function that has left the slot. It is off the bus by then.
    public void onLeave(Consumer<PciFunction> listener) {
        listeners.add(listener);
    }

    /// The platform's power-on: presence and power follow what is in the slot.
    public void powerOn() {
        boolean occupied = port.secondary().at(0).isPresent();
        port.config().set(express + SLOT_CONTROL, 2, INDICATORS_OFF);
        setControl(SlotRegister.POWER_CONTROLLER_CONTROL, !occupied);
        port.config().set(express + SLOT_STATUS, 2, 0);
        setPresence(occupied);
        notified = false;
    }

    /// A card was put onto the secondary bus.
    public void inserted() {
        setPresence(true);
        raise(
                SlotRegister.PRESENCE_DETECT_CHANGED.mask()
                        | SlotRegister.ATTENTION_BUTTON_PRESSED.mask());
    }

    /// Whether software is at work on the slot: the power indicator blinks.
    public boolean isBusy() {
        return SlotRegister.POWER_INDICATOR_CONTROL.get(control()) == SlotRegister.INDICATOR_BLINK;
    }

    /// Whether what is in the slot has power.
    boolean hasPower() {
        return !SlotRegister.POWER_CONTROLLER_CONTROL.isSet(control());
    }

    /// Asks for the card: software is told by the Attention Button, unless it has switched the slot
    /// off.
    public void askForRemoval() {
        if (isOff(control())) {
            removeCards();
            raise(0);
        } else {
            raise(SlotRegister.ATTENTION_BUTTON_PRESSED.mask());
        }
    }

    void beforeWrite() {
        controlBefore = control();
    }

    /// What software's write does: a card that lost its power is gone; each command completes.
    void afterWrite(int offset, int width) {
        if (PciFunction.overlaps(offset, width, express + SLOT_STATUS, 2)) {
            raise(0);
        }
        if (!PciFunction.overlaps(offset, width, express + SLOT_CONTROL, 2)) {
            return;
        }
        setControl(SlotRegister.ELECTROMECHANICAL_INTERLOCK_CONTROL, false);
        boolean present = SlotRegister.PRESENCE_DETECT_STATE.isSet(status());
        if (present && isOff(control()) && !isOff(controlBefore)) {
            removeCards();
        }
        raise(SlotRegister.COMMAND_COMPLETED.mask());
    }

    /// Safe to take a card out: no power, and the indicator says so.
    private static boolean isOff(long control) {
        return SlotRegister.POWER_CONTROLLER_CONTROL.isSet(control)
                && SlotRegister.POWER_INDICATOR_CONTROL.get(control) == SlotRegister.INDICATOR_OFF;
    }

    private void removeCards() {
        List<PciFunction> cards = port.secondary().functions();
        cards.forEach(f -> port.secondary().remove(f.devfn()));
        setPresence(false);
        setStatus(status() | SlotRegister.PRESENCE_DETECT_CHANGED.mask());
        cards.forEach(f -> listeners.forEach(l -> l.accept(f)));
    }

    private void raise(long events) {
        setStatus(status() | events);
        boolean now =
                SlotRegister.HOT_PLUG_INTERRUPT_ENABLE.isSet(control())
                        && (status() & control() & EVENTS) != 0;
        if (now && !notified) {
            port.signal(0);
        }
        notified = now;
    }

    private long control() {
        return port.config().read(express + SLOT_CONTROL, 2);
    }

    private long status() {
        return port.config().read(express + SLOT_STATUS, 2);
    }

    private void setStatus(long value) {
        port.config().set(express + SLOT_STATUS, 2, value);
    }

    private void setControl(Field field, boolean on) {
        port.config().set(express + SLOT_CONTROL, 2, field.set(control(), on ? 1 : 0));
    }

    private void setPresence(boolean present) {
        int bit = present ? 1 : 0;
        setStatus(SlotRegister.PRESENCE_DETECT_STATE.set(status(), bit));
        long link = port.config().read(express + LINK_STATUS, 2);
        port.config().set(express + LINK_STATUS, 2, SlotRegister.LINK_ACTIVE.set(link, bit));
    }
}
