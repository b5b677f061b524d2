package dev.belfry.host;

import dev.belfry.host.description.CmdqvDescription;
import dev.belfry.host.description.HostDescription;
import dev.belfry.host.description.SmmuDescription;
import dev.belfry.host.iommu.HwInfo;
import dev.belfry.host.machine.HostMachine;
import dev.belfry.host.msi.InterruptTable;
import dev.belfry.host.smmu.HostCmdqv;
import dev.belfry.host.smmu.HostSmmu;
import dev.belfry.kernel.its.SpiController;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.kernel.smmu.SmmuDriver;
import dev.belfry.model.smmu.SmmuInterrupts;
import dev.belfry.model.smmu.spec.SmmuRegister;
import java.util.List;
import java.util.Optional;

/// Probes and resets SMMUs, and connects their interrupts.
///
/// @param log the kernel's messages
record SmmuBringUp(
        HostMachine machine,
        PageAllocator pages,
        InterruptTable irqs,
        SpiController gic,
        List<String> log) {

    private static final int INPUT_BITS = 48;

    HostSmmu start(SmmuDescription d) {
        SmmuDriver driver =
                switch (SmmuDriver.probe(machine, d.base(), true)) {
                    case SmmuDriver.Probe.Refused(String reason) ->
                            throw new IllegalStateException(d.name() + ": " + reason);
                    case SmmuDriver.Probe.Usable(var features) ->
                            new SmmuDriver(machine, pages, d.base(), features, options());
                };
        if (!driver.reset()) {
            throw new IllegalStateException(d.name() + " does not acknowledge");
        }
        HostDescription host = machine.description();
        Optional<HostCmdqv> cmdqv = d.cmdqv().map(c -> cmdqv(d, c));
        HostSmmu smmu =
                new HostSmmu(
                        new HostSmmu.Setup(
                                d.name(),
                                driver,
                                hwInfo(d.base()),
                                d.canwbs(),
                                cmdqv,
                                host.options().dropUnflushedInvalidations(),
                                host.kernel(),
                                log::add));
        connect(d.name(), SmmuInterrupts.Line.EVENTQ, smmu::handleEvents);
        connect(d.name(), SmmuInterrupts.Line.GERROR, smmu::handleGlobalErrors);
        return smmu;
    }

    private HostCmdqv cmdqv(SmmuDescription smmu, CmdqvDescription d) {
        int cmdqs = SmmuRegister.Idr1.CMDQS.getInt(register(smmu.base(), SmmuRegister.IDR1));
        HostCmdqv cmdqv = new HostCmdqv(machine, d.base(), cmdqs);
        int spi = machine.cmdqvSpi(smmu.name());
        irqs.request(spi, cmdqv::handleErrors);
        gic.requestSpi(spi, true, 0);
        return cmdqv;
    }

    private void connect(String smmu, SmmuInterrupts.Line line, Runnable handler) {
        int spi = machine.smmuSpi(smmu, line);
        irqs.request(spi, handler);
        gic.requestSpi(spi, true, 0);
    }

    private SmmuDriver.Options options() {
        HostDescription host = machine.description();
        return new SmmuDriver.Options(
                host.pageSize(), INPUT_BITS, true, !host.options().disableMsipolling());
    }

    private HwInfo hwInfo(long base) {
        return new HwInfo(
                HwInfo.ARM_SMMUV3,
                register(base, SmmuRegister.IDR0),
                register(base, SmmuRegister.IDR1),
                register(base, SmmuRegister.IDR2),
                register(base, SmmuRegister.IDR3),
                register(base, SmmuRegister.IDR4),
                register(base, SmmuRegister.IDR5),
                register(base, SmmuRegister.IIDR),
                register(base, SmmuRegister.AIDR));
    }

    private int register(long base, SmmuRegister r) {
        return (int) machine.read(base + r.offset(), 4);
    }
}
