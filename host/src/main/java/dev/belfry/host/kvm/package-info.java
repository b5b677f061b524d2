/// KVM as a VMM on Arm uses it for memory and interrupts (`virt/kvm`, `arch/arm64/kvm/vgic`,
/// `include/uapi/linux/kvm.h`).
///
/// [Kvm] makes a [KvmVm]: memory slots, in-kernel GICv3 and ITS as devices with attributes, GSI
/// routes, irqfds, `KVM_SIGNAL_MSI`. [GsiRouter] holds routes and injects: what becomes of a
/// message whose address is no ITS, whose event is not mapped, and so on, with the value that the
/// kernel returns. What an irqfd injects has no caller: a failure there is seen in the journey
/// only.
///
/// The vGIC itself is the engine of `model.gic` with KVM's identity, over the guest's memory as its
/// slots map it ([GuestMemory]).
///
/// [ItsDevice] has an ITS's attributes, registers and save and restore of its tables among them.
///
/// Not modelled: vCPUs as such, resample irqfds; of GICv4 forwarding only what the VM sees of it,
/// since no host here programs its own ITS for it.
///
/// Stands on `host.uapi`, `host.memory`, `model.gic`.
@NullMarked
package dev.belfry.host.kvm;

import org.jspecify.annotations.NullMarked;
