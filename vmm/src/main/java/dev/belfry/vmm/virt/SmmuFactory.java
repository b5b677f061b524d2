package dev.belfry.vmm.virt;

import dev.belfry.host.iommu.HwInfo;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.SmmuInterrupts;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import dev.belfry.vmm.iommu.AcceleratedSmmu;
import dev.belfry.vmm.iommu.AddressSpace;
import dev.belfry.vmm.iommu.EmulatedSmmu;
import dev.belfry.vmm.iommu.ViommuOps;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.refusal.RefusalLog;
import java.util.Optional;

/// Makes the guest's SMMUs as the command line asks for them.
///
/// @param machine the whole machine
/// @param bus guest-physical address space
/// @param irqchip where their lines go
/// @param hostPage page size of the host's kernel
/// @param options what else is chosen
/// @param shared the alias of system memory for devices behind accelerated SMMUs
/// @param log where refusals of the host go
record SmmuFactory(
        MachineDescription machine,
        PhysicalMemory bus,
        Irqchip irqchip,
        long hostPage,
        VirtOptions options,
        AddressSpace shared,
        RefusalLog log) {

    private static final int FIRST_SPI = 32;

    /// @param host registers of the physical SMMU of its first VFIO device, which `auto` takes
    ///   values from
    /// @param cmdqv its CMDQ-V; a queue must then lie within one page of guest RAM
    SmmuUnit make(SmmuInstance described, Optional<HwInfo> host, Optional<CmdqvUnit> cmdqv) {
        SmmuIdentity identity = described.identity(host.map(HwInfo::identity));
        Smmu.Setup setup =
                new Smmu.Setup(
                        described.label(),
                        cmdqv.isPresent() ? boundedQueues(identity) : identity,
                        bus,
                        lines(described),
                        options.caches(),
                        options.probe());
        if (!described.accel()) {
            Smmu engine = new Smmu(setup);
            return new SmmuUnit(
                    described, engine, new EmulatedSmmu(described.label(), engine), cmdqv);
        }
        AcceleratedSmmu ops =
                new AcceleratedSmmu(
                        new AcceleratedSmmu.Setup(
                                described.label(),
                                machine.gic().msi().doorbell(),
                                options.doorbell(),
                                shared,
                                cmdqv.<ViommuOps>map(CmdqvUnit::device).orElse(ViommuOps.PLAIN),
                                options.ownCaches(),
                                log));
        Smmu engine = Smmu.accelerated(setup, ops);
        ops.engine(engine);
        return new SmmuUnit(described, engine, ops, cmdqv);
    }

    /// The hardware knows no translation of a queue's memory, so the guest must not make queues
    /// that cross a page of the memory behind its RAM (`tegra241_cmdqv_init_regs`).
    private SmmuIdentity boundedQueues(SmmuIdentity id) {
        long page = machine.ram().pageSize(hostPage);
        int log2 = Long.numberOfTrailingZeros(page / Command.BYTES);
        return id.withCommandQueue(Math.min(log2, Idr1.CMDQS.getInt(id.idr1())));
    }

    private SmmuInterrupts lines(SmmuInstance s) {
        int first = s.firstSpi() + FIRST_SPI;
        return line -> irqchip.controller().pulse(first + position(line));
    }

    /// The order of QEMU's lines.
    private static int position(SmmuInterrupts.Line line) {
        return switch (line) {
            case EVENTQ -> 0;
            case PRIQ -> 1;
            case CMD_SYNC -> 2;
            case GERROR -> 3;
        };
    }
}
