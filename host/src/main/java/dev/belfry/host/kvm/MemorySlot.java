package dev.belfry.host.kvm;

import dev.belfry.host.memory.UserVa;
import dev.belfry.model.address.Gpa;

/// `struct kvm_userspace_memory_region`.
///
/// @param slot its number
/// @param readOnly `KVM_MEM_READONLY`
/// @param gpa where the guest sees it
/// @param size bytes; 0 deletes the slot
/// @param va where the VMM has it
public record MemorySlot(int slot, boolean readOnly, Gpa gpa, long size, UserVa va) {

    boolean overlaps(MemorySlot o) {
        return Long.compareUnsigned(gpa.value(), o.gpa.value() + o.size - 1) <= 0
                && Long.compareUnsigned(o.gpa.value(), gpa.value() + size - 1) <= 0;
    }

    boolean contains(long address) {
        return Long.compareUnsigned(address - gpa.value(), size) < 0;
    }
}
