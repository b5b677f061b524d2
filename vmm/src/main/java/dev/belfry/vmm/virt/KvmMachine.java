package dev.belfry.vmm.virt;

import dev.belfry.host.HostKernel;
import dev.belfry.host.kvm.KvmVm;
import dev.belfry.host.kvm.MemorySlot;
import dev.belfry.host.memory.UserMemory;
import dev.belfry.host.memory.UserVa;
import dev.belfry.host.uapi.Result;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.VirtMap;

/// The KVM virtual machine of a described machine.
final class KvmMachine {

    private static final int LEAST_IPA_BITS = 32;

    private KvmMachine() {}

    /// `KVM_CREATE_VM`, sized to the highest guest-physical address.
    static Result<KvmVm> create(
            MachineDescription machine, HostKernel host, UserMemory process, VirtOptions options) {
        long last = machine.map().highestGpa().value();
        int bits = Math.max(LEAST_IPA_BITS, Long.SIZE - Long.numberOfLeadingZeros(last));
        return host.kvm()
                .createVm(
                        new KvmVm.Setup(
                                process,
                                host.pageSize(),
                                machine.cpus().count(),
                                bits,
                                options.probe(),
                                options.filter()));
    }

    /// Guest RAM as a memory slot.
    static MemorySlot ramSlot(MachineDescription machine, UserVa ram) {
        return new MemorySlot(0, false, VirtMap.RAM, machine.memory().size(), ram);
    }
}
