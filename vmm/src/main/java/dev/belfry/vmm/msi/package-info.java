/// How a KVM route learns the doorbell's guest-physical address.
///
/// [MsiRouteFixup] takes the decision in the order of QEMU's kvm_arch_fixup_msi_route.
@NullMarked
package dev.belfry.vmm.msi;

import org.jspecify.annotations.NullMarked;
