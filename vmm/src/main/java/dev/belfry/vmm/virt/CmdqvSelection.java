package dev.belfry.vmm.virt;

import dev.belfry.vmm.cmdline.CommandLineError;
import dev.belfry.vmm.cmdqv.CmdqvFrame;
import dev.belfry.vmm.cmdqv.CmdqvProbe;
import dev.belfry.vmm.cmdqv.GuestCmdqv;
import dev.belfry.vmm.iommu.AcceleratedSmmu.DoorbellDesign;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.PlatformRoom;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.refusal.RefusalLog;
import dev.belfry.vmm.vfio.VfioPci;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which SMMUs of the guest get a CMDQ-V (`smmuv3_accel_select_cmdqv`): those whose first device on
/// the command line is behind a host's SMMU that has one, unless `cmdqv=off`.
///
/// @param machine as described
/// @param devices the passed-through ones, bound
/// @param irqchip where error interrupts go
/// @param options what else is chosen
/// @param log where refusals of the host go
record CmdqvSelection(
        MachineDescription machine,
        PassedThrough devices,
        Irqchip irqchip,
        VirtOptions options,
        RefusalLog log) {

    private static final int FIRST_SPI = 32;

    /// Makes them.
    ///
    /// @throws CommandLineError for `cmdqv=on` without a host that has it, when the platform bus is
    ///   full, or when the doorbell shall be found by walking the guest's tables
    Map<SmmuInstance, CmdqvUnit> make() {
        List<SmmuInstance> selected = machine.smmus().stream().filter(this::selects).toList();
        List<PlatformRoom.Cmdqv> places = machine.platformRoom().cmdqvs(selected.size());
        Map<SmmuInstance, CmdqvUnit> made = new LinkedHashMap<>();
        List<SmmuInstance> left = new ArrayList<>(selected);
        for (PlatformRoom.Cmdqv place : places) {
            SmmuInstance s = left.removeFirst();
            made.put(s, unit(s, place));
        }
        if (!left.isEmpty()) {
            throw new CommandLineError(
                    "PLATFORM-BUS-FULL",
                    left.getFirst().at(),
                    "Platform Bus: Can not fit IRQ line",
                    "the host has CMDQV, and cmdqv=auto takes it: write cmdqv=off for some of the"
                            + " SMMUs");
        }
        return made;
    }

    private CmdqvUnit unit(SmmuInstance s, PlatformRoom.Cmdqv place) {
        GuestCmdqv device =
                new GuestCmdqv(
                        s.label(), () -> irqchip.controller().pulse(place.spi() + FIRST_SPI), log);
        return new CmdqvUnit(device, new CmdqvFrame(device), place);
    }

    private boolean selects(SmmuInstance s) {
        Optional<PciFunction.Vfio> first =
                machine.pci().vfio().stream()
                        .filter(v -> machine.smmuOf(v).filter(s::equals).isPresent())
                        .findFirst();
        if (!s.accel() || s.cmdqv() == OnOffAuto.OFF || first.isEmpty()) {
            return false;
        }
        Optional<VfioPci> device = devices.bound(first.get());
        if (device.isEmpty()) {
            return false;
        }
        Optional<String> refusal = CmdqvProbe.refusal(device.get(), log);
        if (refusal.isPresent() && s.cmdqv() == OnOffAuto.ON) {
            throw new CommandLineError(
                    "CMDQV-HOST",
                    s.at(),
                    refusal.get() + ": CMDQV requested but not supported",
                    "write cmdqv=off or cmdqv=auto");
        }
        boolean selected = refusal.isEmpty();
        if (selected && options.doorbell() == DoorbellDesign.WALK) {
            refuseWalk(s);
        }
        return selected;
    }

    /// A walk needs to know when the guest takes a table back.
    private static void refuseWalk(SmmuInstance s) {
        throw new CommandLineError(
                "CMDQV-WALK",
                s.at(),
                "the doorbell cannot be found by walking the guest's tables: with CMDQV its"
                        + " invalidations go to the hardware past the VMM, which may walk tables"
                        + " that the guest has long freed",
                "take --doorbell direct, or write cmdqv=off");
    }
}
