package dev.belfry.host;

import dev.belfry.host.description.ItsDescription;
import dev.belfry.host.machine.HostMachine;
import dev.belfry.kernel.its.GicV3;
import dev.belfry.kernel.its.ItsDriver;
import dev.belfry.kernel.its.LpiTables;
import dev.belfry.kernel.memory.PageAllocator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/// The host's interrupt controllers, up and running.
///
/// @param gic distributor and redistributors
/// @param itss by name
record HostInterrupts(GicV3 gic, Map<String, ItsDriver> itss) {

    private static final long REDISTRIBUTOR = 0x2_0000;

    static HostInterrupts bringUp(HostMachine machine, PageAllocator pages) {
        var d = machine.description();
        List<Long> mpidrs =
                LongStream.range(0, machine.cpus())
                        .map(cpu -> HostMachine.mpidr((int) cpu))
                        .boxed()
                        .toList();
        GicV3.Region region =
                new GicV3.Region(d.gic().redistributors(), REDISTRIBUTOR * machine.cpus());
        GicV3 gic = new GicV3(machine, d.gic().distributor(), List.of(region), mpidrs);
        if (!gic.initialise()) {
            throw new IllegalStateException("a CPU has no redistributor");
        }
        LpiTables lpis = new LpiTables(machine, pages, gic.idBits());
        gic.redistributors().forEach(lpis::enable);
        Map<String, ItsDriver> itss = new LinkedHashMap<>();
        for (ItsDescription i : d.itss()) {
            ItsDriver its = new ItsDriver(machine, pages, i.base(), lpis);
            if (!its.initialise()) {
                throw new IllegalStateException(i.name() + " cannot be used");
            }
            gic.redistributors().forEach(its::addCpu);
            itss.put(i.name(), its);
        }
        return new HostInterrupts(gic, itss);
    }
}
