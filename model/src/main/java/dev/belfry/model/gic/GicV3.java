package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.Icc;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.memory.PhysicalMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/// A GICv3 with one Security state (IHI 0069): Distributor, a Redistributor and a CPU interface a
/// CPU. LPIs come from an [Its]. With [GicChoice#VIRTUAL_LPIS] it is a GICv4: the Redistributors
/// take virtual LPIs, and each CPU has a virtual interface for those of the resident vPE.
///
/// Not modelled: 1 of N routing, list registers (which are a hypervisor's affair), GICv4.1.
public final class GicV3 implements InterruptController {

    private static final int FIRST_PPI = 16;
    private static final int FIRST_SPI = 32;

    /// What a GICv3 is made of.
    ///
    /// @param identity what it advertises
    /// @param memory where the LPI tables are
    /// @param cpus 1..512
    /// @param spis how many SPIs, a multiple of 32, at most 960
    public record Setup(GicIdentity identity, PhysicalMemory memory, int cpus, int spis) {
        public Setup {
            if (cpus < 1 || cpus > 512 || spis < 0 || spis > 960 || spis % 32 != 0) {
                throw new IllegalArgumentException("no such GIC: " + cpus + " CPUs, " + spis);
            }
        }
    }

    private final GicIdentity identity;
    private final Distributor distributor;
    private final Redistributor[] redistributors;
    private final CpuInterface[] interfaces;
    private final CpuInterface[] virtualInterfaces;
    private final List<Its> itss = new ArrayList<>();

    public GicV3(Setup setup) {
        identity = setup.identity();
        distributor = new Distributor(identity, setup.spis() + FIRST_SPI);
        redistributors = new Redistributor[setup.cpus()];
        interfaces = new CpuInterface[setup.cpus()];
        virtualInterfaces = new CpuInterface[setup.cpus()];
        PhysicalMemory memory = setup.memory();
        Redistributor.Common common = Redistributor.Common.of(memory, true);
        boolean one = identity.has(GicChoice.ONE_PROPBASER);
        for (int i = 0; i < setup.cpus(); i++) {
            boolean last = i == setup.cpus() - 1;
            Redistributor.Common own = one ? common : Redistributor.Common.of(memory, false);
            Redistributor r = new Redistributor(identity, memory, own, i, last);
            redistributors[i] = r;
            interfaces[i] = face(new CpuSource(this, distributor, r));
            virtualInterfaces[i] = face(r.virtualLpis());
        }
    }

    private CpuInterface face(InterruptSource source) {
        return new CpuInterface(source, identity.idBits(), identity.priorityBits());
    }

    /// Hardware reset.
    @Override
    public void reset() {
        distributor.reset();
        for (int i = 0; i < redistributors.length; i++) {
            redistributors[i].reset();
            interfaces[i].reset();
            virtualInterfaces[i].reset();
        }
    }

    /// What it advertises.
    public GicIdentity identity() {
        return identity;
    }

    /// GICD_*: 64 KiB.
    public MmioDevice distributor() {
        return distributor;
    }

    /// GICR_*: 128 KiB a CPU, 256 with virtual LPIs, in CPU order.
    public MmioDevice redistributors() {
        return redistributors(0, redistributors.length);
    }

    /// The Redistributors of some CPUs, for machines that have them in several regions.
    ///
    /// @param first the first CPU
    /// @param count how many
    public MmioDevice redistributors(int first, int count) {
        if (first < 0 || count < 1 || first + count > redistributors.length) {
            throw new IllegalArgumentException("no such CPUs: " + first + ", " + count);
        }
        return new RedistributorFrames(
                List.of(redistributors).subList(first, first + count),
                identity.redistributorBytes());
    }

    /// How many CPUs there are.
    public int cpus() {
        return redistributors.length;
    }

    /// The CPU interface of a CPU.
    ///
    /// @param cpu 0..[#cpus]-1
    public CpuInterface cpuInterface(int cpu) {
        return interfaces[cpu];
    }

    /// The virtual CPU interface of a CPU: what the vPE takes that is resident there. Its groups
    /// and its mask are those that the guest sets, as for [#cpuInterface].
    ///
    /// @param cpu 0..[#cpus]-1
    public CpuInterface virtualCpuInterface(int cpu) {
        return virtualInterfaces[cpu];
    }

    /// Bits of an INTID.
    int idBits() {
        return identity.idBits();
    }

    Redistributor redistributor(int cpu) {
        return redistributors[cpu];
    }

    private boolean hasCpu(int cpu) {
        return cpu >= 0 && cpu < cpus();
    }

    /// An ITS sends its LPIs here.
    void attach(Its its) {
        itss.add(its);
    }

    /// The ITSs that send their LPIs here.
    List<Its> itss() {
        return itss;
    }

    /// Writes the LPI pending tables of all CPUs that have LPIs enabled; nothing else changes.
    ///
    /// @return false when memory does not answer
    public boolean savePendingTables() {
        boolean saved = true;
        for (Redistributor r : redistributors) {
            saved &= r.lpis().save();
        }
        return saved;
    }

    /// Whether an LPI is pending at a CPU.
    public boolean isLpiPending(int cpu, int intid) {
        return hasCpu(cpu) && redistributors[cpu].lpis().isPending(intid);
    }

    @Override
    public void setLine(int intid, boolean level) {
        if (intid >= FIRST_SPI && intid < distributor.intids()) {
            distributor.bank().setLine(intid, level);
        }
    }

    @Override
    public void onEnd(IntConsumer listener) {
        distributor.bank().onEnd(listener);
    }

    /// Drives the line of a private peripheral interrupt of a CPU.
    ///
    /// @param intid 16..31
    public void setPrivateLine(int cpu, int intid, boolean level) {
        if (hasCpu(cpu) && intid >= FIRST_PPI && intid < FIRST_SPI) {
            redistributors[cpu].bank().setLine(intid, level);
        }
    }

    @Override
    public int acknowledge(int cpu) {
        return hasCpu(cpu) ? (int) interfaces[cpu].read(Icc.ICC_IAR1_EL1) : SPURIOUS;
    }

    @Override
    public void endOfInterrupt(int cpu, int intid) {
        writeIcc(cpu, Icc.ICC_EOIR1_EL1, intid);
    }

    @Override
    public void writeIcc(int cpu, Icc register, long value) {
        if (hasCpu(cpu)) {
            interfaces[cpu].write(register, value);
        }
    }
}
