package dev.belfry.model.system;

import java.util.List;
import java.util.Optional;

/// What a kernel that emulates a GIC says of it itself: KVM keeps the mappings of its ITS and the
/// state of its interrupts outside the guest's memory, and no VMM shows them.
///
/// @param enabled whether the distributor forwards interrupts
/// @param devices the devices that its ITSs know
/// @param interrupts SPIs and LPIs, by INTID
public record KernelGic(boolean enabled, List<Device> devices, List<Interrupt> interrupts) {

    /// The target of a collection that no MAPC mapped.
    public static final long NOT_MAPPED = 0xffff_ffffL;

    public KernelGic {
        devices = List.copyOf(devices);
        interrupts = List.copyOf(interrupts);
    }

    /// A device that an ITS knows.
    ///
    /// @param its physical address of the ITS
    /// @param deviceId 32 bits, zero-extended
    /// @param events how many events it has room for
    /// @param mapped those that are mapped
    public record Device(long its, long deviceId, long events, List<Event> mapped) {
        public Device {
            mapped = List.copyOf(mapped);
        }

        /// The mapping of an event.
        public Optional<Event> event(long eventId) {
            return mapped.stream().filter(e -> e.eventId == eventId).findFirst();
        }
    }

    /// A mapped event.
    ///
    /// @param eventId 32 bits, zero-extended
    /// @param intId LPI
    /// @param target number of the CPU its collection goes to, [#NOT_MAPPED] for none
    /// @param collection ICID
    /// @param forwarded whether the host's GICv4 injects it
    public record Event(long eventId, int intId, long target, long collection, boolean forwarded) {}

    /// An interrupt.
    ///
    /// @param intId SPI or LPI
    /// @param cpu the CPU it goes to, -1 for none
    /// @param pending whether it is
    /// @param active whether a CPU has taken it and not ended it
    /// @param enabled whether it is
    /// @param group 0 or 1
    /// @param priority 0 is the highest
    public record Interrupt(
            int intId,
            int cpu,
            boolean pending,
            boolean active,
            boolean enabled,
            int group,
            int priority) {}

    /// A device of an ITS.
    public Optional<Device> device(long its, long deviceId) {
        return devices.stream().filter(d -> d.its == its && d.deviceId == deviceId).findFirst();
    }

    /// An interrupt.
    public Optional<Interrupt> interrupt(int intId) {
        return interrupts.stream().filter(i -> i.intId == intId).findFirst();
    }
}
