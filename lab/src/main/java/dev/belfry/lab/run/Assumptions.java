package dev.belfry.lab.run;

import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr3;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.virt.SmmuUnit;
import dev.belfry.vmm.virt.VirtMachine;
import java.util.ArrayList;
import java.util.List;

/// What a run took for granted, or does not model: notes for the user.
record Assumptions(VirtMachine vm) {

    List<RunReport.Note> notes() {
        List<RunReport.Note> out = new ArrayList<>();
        MachineDescription m = vm.described();
        if (!m.firmware().named() && m.firmware().acpi() && !m.preservesPciConfig()) {
            out.add(
                    note(
                            "no firmware is named: QEMU itself would boot with a device tree;"
                                    + " Belfry assumes UEFI and ACPI (-bios QEMU_EFI.fd)"));
        }
        for (SmmuUnit unit : vm.smmus()) {
            SmmuInstance s = unit.described();
            if (s.cmdqv() == OnOffAuto.AUTO && unit.cmdqv().isPresent()) {
                out.add(note(s.label() + ": cmdqv=on, as the host has it (auto)"));
            }
            if (s.hasAuto()) {
                out.add(note(s.label() + ": " + resolved(s, unit.engine().setup().identity())));
            }
        }
        return out;
    }

    /// What each property that was left to the host became.
    private static String resolved(SmmuInstance s, SmmuIdentity id) {
        List<String> parts = new ArrayList<>();
        if (s.ril() == OnOffAuto.AUTO) {
            parts.add("ril=" + onOff(Idr3.RIL.isSet(id.idr3())));
        }
        if (s.ats() == OnOffAuto.AUTO) {
            parts.add("ats=" + onOff(Idr0.ATS.isSet(id.idr0())));
        }
        if (s.oas().isEmpty()) {
            parts.add("oas=" + SmmuProperties.oas(id));
        }
        if (s.ssidsize().isEmpty()) {
            parts.add("ssidsize=" + Idr1.SSIDSIZE.getInt(id.idr1()));
        }
        return String.join(", ", parts) + ", taken from the host's SMMU (auto)";
    }

    private static String onOff(boolean on) {
        return on ? "on" : "off";
    }

    private static RunReport.Note note(String text) {
        return new RunReport.Note("note", text);
    }
}
