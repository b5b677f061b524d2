package dev.belfry.guest;

import dev.belfry.guest.firmware.FirmwareInfo;
import dev.belfry.guest.firmware.Gic;
import dev.belfry.guest.firmware.MsiController;
import dev.belfry.kernel.Machine;
import dev.belfry.kernel.its.GicV2;
import dev.belfry.kernel.its.GicV3;
import dev.belfry.kernel.its.ItsDriver;
import dev.belfry.kernel.its.LpiTables;
import dev.belfry.kernel.its.MsiDomain;
import dev.belfry.kernel.its.SpiController;
import dev.belfry.kernel.its.V2mDriver;
import dev.belfry.kernel.memory.PageAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Brings up the interrupt controller and everything that makes interrupts of messages.
final class InterruptSetup {

    private final Machine machine;
    private final PageAllocator pages;
    private final FirmwareInfo firmware;
    private final List<String> problems;
    private final List<Optional<MsiDomain>> msiDomains = new ArrayList<>();

    InterruptSetup(
            Machine machine, PageAllocator pages, FirmwareInfo firmware, List<String> problems) {
        this.machine = machine;
        this.pages = pages;
        this.firmware = firmware;
        this.problems = problems;
    }

    /// @return who routes SPIs
    SpiController bringUp() {
        Gic gic = firmware.gic();
        return gic.version() == 2 ? bringUpV2(gic) : bringUpV3(gic);
    }

    /// MSI controllers in firmware's order; empty where one cannot be used.
    Optional<MsiDomain> msiDomain(int index) {
        return index < msiDomains.size() ? msiDomains.get(index) : Optional.empty();
    }

    private SpiController bringUpV2(Gic gic) {
        GicV2 driver = new GicV2(machine, gic.distributorBase(), gic.cpuInterfaceBase());
        driver.initialise();
        for (MsiController controller : firmware.msiControllers()) {
            msiDomains.add(
                    switch (controller) {
                        case MsiController.Its its -> unusable("a GICv2 has no ITS");
                        case MsiController.V2m v2m -> Optional.of(v2m(driver, v2m));
                    });
        }
        return driver;
    }

    private SpiController bringUpV3(Gic gic) {
        List<GicV3.Region> regions =
                gic.redistributors().stream()
                        .map(r -> new GicV3.Region(r.base(), r.size()))
                        .toList();
        List<Long> mpidrs = firmware.cpus().stream().map(FirmwareInfo.Cpu::mpidr).toList();
        GicV3 driver = new GicV3(machine, gic.distributorBase(), regions, mpidrs);
        if (!driver.initialise()) {
            problems.add("GICv3: a CPU has no redistributor");
        }
        List<ItsDriver> itss = new ArrayList<>();
        Optional<LpiTables> lpis = Optional.empty();
        for (MsiController controller : firmware.msiControllers()) {
            switch (controller) {
                case MsiController.Its its -> {
                    lpis = lpis.or(() -> Optional.of(lpiTables(driver)));
                    msiDomains.add(its(its, lpis.orElseThrow(), itss));
                }
                case MsiController.V2m v2m -> msiDomains.add(Optional.of(v2m(driver, v2m)));
            }
        }
        lpis.ifPresent(tables -> addCpus(driver, tables, itss));
        return driver;
    }

    private LpiTables lpiTables(GicV3 gic) {
        return new LpiTables(machine, pages, gic.idBits());
    }

    private Optional<MsiDomain> its(MsiController.Its its, LpiTables lpis, List<ItsDriver> itss) {
        ItsDriver driver = new ItsDriver(machine, pages, its.base(), lpis);
        if (!driver.initialise()) {
            return unusable("ITS " + its.id() + " cannot be used");
        }
        itss.add(driver);
        return Optional.of(driver);
    }

    private void addCpus(GicV3 gic, LpiTables lpis, List<ItsDriver> itss) {
        for (GicV3.Redistributor redistributor : gic.redistributors()) {
            if (!lpis.enable(redistributor)) {
                problems.add("GICv3: a redistributor has no LPIs");
            }
            itss.forEach(its -> its.addCpu(redistributor));
        }
    }

    private MsiDomain v2m(SpiController gic, MsiController.V2m v2m) {
        return new V2mDriver(machine, gic, v2m.base(), v2m.spiBase(), v2m.spiCount());
    }

    private Optional<MsiDomain> unusable(String problem) {
        problems.add(problem);
        return Optional.empty();
    }
}
