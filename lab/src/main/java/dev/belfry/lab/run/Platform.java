package dev.belfry.lab.run;

import dev.belfry.guest.Guest;
import dev.belfry.guest.firmware.FirmwareInfo;
import dev.belfry.guest.firmware.FirmwareReader;
import dev.belfry.guest.uefi.PciBoot;
import dev.belfry.host.HostKernel;
import dev.belfry.host.description.HostDescription;
import dev.belfry.host.machine.HostMachine;
import dev.belfry.host.uapi.IoctlFilter;
import dev.belfry.kernel.firmware.FirmwareMemory;
import dev.belfry.kernel.iopgtable.Granule;
import dev.belfry.kernel.pci.HostWindow;
import dev.belfry.lab.Progress;
import dev.belfry.model.journey.JourneyRecorder;
import dev.belfry.model.journey.Where;
import dev.belfry.model.smmu.CacheMode;
import dev.belfry.vmm.firmware.FirmwareInputs;
import dev.belfry.vmm.iommu.AcceleratedSmmu.DoorbellDesign;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.PciBus;
import dev.belfry.vmm.machine.VirtMap;
import dev.belfry.vmm.msi.MsiHandover;
import dev.belfry.vmm.virt.VirtMachine;
import dev.belfry.vmm.virt.VirtOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// A host, a virtual machine on it, and a guest that has booted: one thread, one seed, one
/// recorder.
///
/// @param recorder of journeys, on both sides
/// @param host the host kernel
/// @param vm the machine
/// @param guest the guest kernel
/// @param firmware what firmware told it
/// @param tables physical address of what leads to that: the RSDP, or the device tree
/// @param problems what firmware had no room for, one sentence each
/// @param port what the guest's CPUs reach
/// @param handover what the VMM does for the addresses of messages
public record Platform(
        JourneyRecorder recorder,
        HostKernel host,
        VirtMachine vm,
        Guest guest,
        FirmwareInfo firmware,
        long tables,
        List<String> problems,
        MachinePort port,
        MsiHandover handover) {

    /// What else may be unusual about a host and its VMM.
    ///
    /// @param mapsDoorbells whether a kernel with a design of its own can map doorbells in stage 2
    /// @param lowRam where devices see guest RAM a second time
    /// @param filter asked before each system call
    /// @param ownCaches whether an accelerated SMMU's invalidations reach the VMM's own caches
    /// @param vectors most vectors that a driver of the guest asks for
    public record Conditions(
            boolean mapsDoorbells,
            OptionalLong lowRam,
            IoctlFilter filter,
            boolean ownCaches,
            int vectors) {

        /// The VMM sees all invalidations.
        public Conditions(boolean mapsDoorbells, OptionalLong lowRam, IoctlFilter filter) {
            this(mapsDoorbells, lowRam, filter, true);
        }

        /// Nothing.
        public static final Conditions USUAL =
                new Conditions(true, OptionalLong.empty(), IoctlFilter.NONE);

        /// With as many vectors as devices have.
        public Conditions(
                boolean mapsDoorbells, OptionalLong lowRam, IoctlFilter filter, boolean ownCaches) {
            this(mapsDoorbells, lowRam, filter, ownCaches, Guest.ALL_VECTORS);
        }

        /// With at most so many vectors a device.
        Conditions withVectors(int most) {
            return new Conditions(mapsDoorbells, lowRam, filter, ownCaches, most);
        }
    }

    private static final int TLB_ENTRIES = 4096;

    /// Builds and boots all of it.
    ///
    /// @throws dev.belfry.vmm.cmdline.CommandLineError what QEMU or the host refuses
    static Platform boot(
            MachineDescription machine,
            HostDescription hostDescription,
            RunRequest.Options options,
            Progress progress) {
        return boot(machine, hostDescription, options, Conditions.USUAL, progress);
    }

    /// Builds and boots all of it, under conditions.
    ///
    /// @throws dev.belfry.vmm.cmdline.CommandLineError what QEMU or the host refuses
    public static Platform boot(
            MachineDescription machine,
            HostDescription hostDescription,
            RunRequest.Options options,
            Conditions conditions,
            Progress progress) {
        Assembled a = assemble(machine, hostDescription, options, conditions, progress);
        progress.at("booting the guest", 0, 0);
        long tables = a.vm.installFirmware().entry().value();
        FirmwareInfo firmware = told(a.port, tables);
        Guest guest =
                Guest.boot(
                        new Guest.Setup(
                                a.port,
                                firmware,
                                machine.boot().append(),
                                options.seed(),
                                Granule.G4K,
                                conditions.vectors));
        return new Platform(
                a.recorder, a.host, a.vm, guest, firmware, tables, a.problems, a.port, a.handover);
    }

    private static FirmwareInfo told(MachinePort port, long tables) {
        return FirmwareReader.read(FirmwareMemory.of(port), tables);
    }

    /// The machine is reset, and the guest boots again.
    Platform reset() {
        vm.reset();
        List<String> told = placed(vm, port);
        long anew = vm.installFirmware().entry().value();
        FirmwareInfo again = told(port, anew);
        return new Platform(
                recorder, host, vm, guest.bootAgain(again), again, anew, told, port, handover);
    }

    /// A machine whose firmware has numbered the buses and placed the BARs, before any kernel.
    record Assembled(
            JourneyRecorder recorder,
            HostKernel host,
            VirtMachine vm,
            MachinePort port,
            List<String> problems,
            MsiHandover handover) {}

    /// Builds host and machine, and does what firmware does first.
    ///
    /// @throws dev.belfry.vmm.cmdline.CommandLineError what QEMU or the host refuses
    static Assembled assemble(
            MachineDescription machine,
            HostDescription hostDescription,
            RunRequest.Options options,
            Conditions conditions,
            Progress progress) {
        MsiStack msi = MsiStack.of(options.msi(), conditions.mapsDoorbells);
        JourneyRecorder recorder = new JourneyRecorder();
        CacheMode caches = new CacheMode.Sized(TLB_ENTRIES);
        progress.at("booting the host", 0, 0);
        HostKernel host =
                new HostKernel(
                        new HostMachine(hostDescription, caches, recorder.at(Where.HOST)),
                        new HostKernel.Boot(msi.host(), recorder.at(Where.HOST)));
        progress.at("assembling the machine", 0, 0);
        VirtMachine vm =
                VirtMachine.create(
                        machine,
                        host,
                        new VirtOptions(
                                design(options.doorbell()),
                                options.rmr(),
                                caches,
                                recorder.at(Where.GUEST),
                                conditions.filter,
                                msi.vmm(),
                                conditions.ownCaches,
                                conditions.lowRam));
        VirtMap map = machine.map();
        MachinePort port =
                new MachinePort(
                        vm.bus(),
                        vm.interrupts(),
                        map.ram().base().value(),
                        map.ram().size(),
                        machine.cpus().count());
        return new Assembled(recorder, host, vm, port, placed(vm, port), msi.vmm());
    }

    /// Firmware's part before its tables: buses are numbered, BARs are placed.
    private static List<String> placed(VirtMachine vm, MachinePort port) {
        return vm.described().firmware().acpi()
                ? List.copyOf(PciBoot.run(port, board(vm.described())))
                : List.of();
    }

    private static DoorbellDesign design(RunRequest.Doorbell doorbell) {
        return switch (doorbell) {
            case DIRECT -> DoorbellDesign.DIRECT;
            case WALK -> DoorbellDesign.WALK;
            case GLOBAL_AS -> DoorbellDesign.GLOBAL_AS;
        };
    }

    /// PCI as the machine's firmware finds it.
    static PciBoot.Board board(MachineDescription machine) {
        VirtMap map = machine.map();
        List<HostWindow> windows = new ArrayList<>();
        windows.add(
                new HostWindow(
                        HostWindow.Space.IO, VirtMap.PIO.base().value(), 0, VirtMap.PIO.size()));
        windows.add(window(HostWindow.Space.MEM32, VirtMap.MMIO32));
        map.mmio64().ifPresent(w -> windows.add(window(HostWindow.Space.MEM64, w)));
        List<Integer> roots = machine.pci().roots().stream().map(PciBus::number).sorted().toList();
        return new PciBoot.Board(map.ecam().base().value(), map.buses() - 1, roots, windows);
    }

    private static HostWindow window(HostWindow.Space space, VirtMap.Region region) {
        long base = region.base().value();
        return new HostWindow(space, base, base, region.size());
    }

    /// Whether the guest was told by ACPI tables.
    boolean hasAcpi() {
        return vm.described().firmware().acpi();
    }

    /// As `belfry run` names the firmware.
    String firmwareName() {
        return hasAcpi() ? FirmwareInputs.Kind.ACPI.name() : "device tree";
    }
}
