package dev.belfry.model.pci;

import dev.belfry.model.pci.spec.CapabilityId;
import dev.belfry.model.pci.spec.ConfigRegister;
import dev.belfry.model.pci.spec.ExpressCapability;
import dev.belfry.model.pci.spec.ExtendedCapability;
import dev.belfry.model.pci.spec.ExtendedCapabilityId;
import dev.belfry.model.pci.spec.PortType;
import dev.belfry.model.pci.spec.Status;

/// Puts capabilities into a function's configuration space: structure, reset values, and which bits
/// software may write. What a bit does beyond being remembered is said here, or not modelled.
public final class Capabilities {

    /// The bits of Uncorrectable Error Status, Mask and Severity.
    private static final long UNCORRECTABLE_ERRORS = 0x7f_f030;

    /// Data Link Protocol, Surprise Down, Flow Control, Receiver Overflow, Malformed TLP,
    /// Uncorrectable Internal.
    private static final long FATAL_BY_DEFAULT = 0x46_2030;

    /// Data Link Layer Link Active Reporting Capable.
    private static final long LINK_ACTIVE_REPORTING = 1 << 20;

    private Capabilities() {}

    /// Links an empty capability at the head of the list, so that the last one added is found
    /// first.
    public static void link(PciFunction function, CapabilityId id, int offset) {
        ConfigStore config = function.config();
        int pointer = ConfigRegister.CAPABILITIES_POINTER.offset();
        int status = ConfigRegister.STATUS.offset();
        config.fix(offset, 1, id.code())
                .fix(offset + 1, 1, config.read(pointer, 1))
                .fix(pointer, 1, offset)
                .fix(status, 2, config.read(status, 2) | Status.CAPABILITIES_LIST.mask());
    }

    /// Links an empty extended capability at the end of the list. The first is at 0x100.
    ///
    /// @throws IllegalArgumentException when the list has none at 0x100 and this is not it
    public static void linkExtended(
            PciFunction function, ExtendedCapabilityId id, int version, int offset) {
        ConfigStore config = function.config();
        var list = function.configSpace().extendedCapabilities();
        if (list.isEmpty() != (offset == 0x100)) {
            throw new IllegalArgumentException("the extended list begins at 0x100");
        }
        if (!list.isEmpty()) {
            int last = list.getLast().offset();
            config.fix(last, 4, ExtendedCapability.NEXT.set(config.read(last, 4), offset));
        }
        config.fix(
                offset,
                4,
                ExtendedCapability.ID.of(id.code()) | ExtendedCapability.VERSION.of(version));
    }

    /// Power Management (PCIe 7.5.2): PowerState is remembered, but D3hot does not stop the
    /// function.
    public static void powerManagement(PciFunction function, int offset) {
        link(function, CapabilityId.POWER_MANAGEMENT, offset);
        // NoSoftReset: leaving D3hot resets nothing
        function.config().fix(offset + 2, 2, 3).fix(offset + 4, 2, 0x8).writable(offset + 4, 2, 3);
    }

    /// Subsystem ids of a bridge.
    public static void subsystem(PciFunction function, int offset) {
        link(function, CapabilityId.SUBSYSTEM_ID, offset);
        function.config()
                .fix(offset + 4, 2, function.identity().subsystemVendorId())
                .fix(offset + 6, 2, function.identity().subsystemId());
    }

    /// PCI Express (PCIe 7.5.3), version 2; ports get a slot. Initiate Function Level Reset works
    /// where `functionLevelReset` says so.
    public static void express(
            PciFunction function, int offset, PortType type, boolean functionLevelReset) {
        link(function, CapabilityId.PCI_EXPRESS, offset);
        boolean slot = type == PortType.ROOT_PORT || type == PortType.SWITCH_DOWNSTREAM_PORT;
        long capabilities =
                ExpressCapability.VERSION.of(2)
                        | ExpressCapability.DEVICE_PORT_TYPE.of(type.code())
                        | ExpressCapability.SLOT_IMPLEMENTED.of(slot ? 1 : 0);
        // Role-Based Error Reporting is required
        long device =
                0x8000
                        | ExpressCapability.FUNCTION_LEVEL_RESET_CAPABILITY.of(
                                functionLevelReset ? 1 : 0);
        function.config()
                .fix(offset + ExpressCapability.CAPABILITIES, 2, capabilities)
                .fix(offset + ExpressCapability.DEVICE_CAPABILITIES, 4, device)
                .writable(offset + ExpressCapability.DEVICE_CONTROL, 2, 0x7fff)
                .writeOneToClear(offset + ExpressCapability.DEVICE_STATUS, 2, 0xf)
                .fix(
                        offset + ExpressCapability.LINK_CAPABILITIES,
                        4,
                        0x411 | (slot ? LINK_ACTIVE_REPORTING : 0))
                .writable(offset + ExpressCapability.LINK_CONTROL, 2, 0x1fb)
                .fix(offset + ExpressCapability.LINK_STATUS, 2, slot ? 0x2011 : 0x11)
                .writable(offset + ExpressCapability.DEVICE_CONTROL_2, 2, 0x80);
        if (slot && function instanceof Bridge port) {
            port.setSlot(new HotPlugSlot(port, offset));
        }
        if (functionLevelReset) {
            function.setFunctionLevelReset(offset + ExpressCapability.DEVICE_CONTROL);
        }
    }

    /// Advanced Error Reporting (PCIe 7.8.4) with its reset values; no error is ever logged.
    public static void errorReporting(PciFunction function, int offset) {
        linkExtended(function, ExtendedCapabilityId.AER, 2, offset);
        function.config()
                .writeOneToClear(offset + 0x04, 4, UNCORRECTABLE_ERRORS)
                .writable(offset + 0x08, 4, UNCORRECTABLE_ERRORS)
                .fix(offset + 0x0c, 4, FATAL_BY_DEFAULT)
                .writable(offset + 0x0c, 4, UNCORRECTABLE_ERRORS)
                .writeOneToClear(offset + 0x10, 4, 0xf1c1)
                // Advisory Non-Fatal, Corrected Internal and Header Log Overflow start masked
                .fix(offset + 0x14, 4, 0xe000)
                .writable(offset + 0x14, 4, 0xf1c1)
                .fix(offset + 0x18, 4, 0xa0)
                .writable(offset + 0x18, 4, 0x140);
    }

    /// Access Control Services (PCIe 7.7.11): remembered; a request to another function always goes
    /// up to the root port here, which is what the redirecting bits ask for.
    public static void accessControl(PciFunction function, int offset) {
        linkExtended(function, ExtendedCapabilityId.ACS, 1, offset);
        function.config().fix(offset + 4, 2, 0x5f).writable(offset + 6, 2, 0x5f);
    }

    /// Address Translation Service (PCIe 10.5.1): Enable and Smallest Translation Unit are
    /// remembered; translation requests are not sent.
    ///
    /// @param queueDepth invalidations that may be outstanding, 1..32
    public static void addressTranslation(PciFunction function, int offset, int queueDepth) {
        linkExtended(function, ExtendedCapabilityId.ATS, 1, offset);
        // Page Aligned Request
        function.config()
                .fix(offset + 4, 2, (queueDepth & 0x1f) | 0x20)
                .writable(offset + 6, 2, 0x801f);
    }

    /// Page Request Interface (PCIe 10.5.2), without requests.
    public static void pageRequest(PciFunction function, int offset, int capacity) {
        linkExtended(function, ExtendedCapabilityId.PRI, 1, offset);
        // Stopped
        function.config()
                .writable(offset + 4, 2, 1)
                .fix(offset + 6, 2, 0x100)
                .fix(offset + 8, 4, capacity)
                .writable(offset + 12, 4, 0xffff_ffffL);
    }

    /// Process Address Space ID (PCIe 7.8.9): Enable bits are remembered.
    ///
    /// @param width Max PASID Width, 0..20
    public static void pasid(PciFunction function, int offset, int width) {
        linkExtended(function, ExtendedCapabilityId.PASID, 1, offset);
        // Execute Permission and Privileged Mode are supported
        function.config().fix(offset + 4, 2, 6L | (long) width << 8).writable(offset + 6, 2, 7);
    }
}
