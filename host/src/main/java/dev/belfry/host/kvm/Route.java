package dev.belfry.host.kvm;

/// An entry of the GSI routing table (`struct kvm_irq_routing_entry`).
public sealed interface Route {

    /// The GSI that it routes.
    int gsi();

    /// To a pin of the in-kernel GIC (`KVM_IRQ_ROUTING_IRQCHIP`).
    ///
    /// @param pin SPI number, counted from 0: INTID - 32
    record Irqchip(int gsi, int pin) implements Route {}

    /// To a message (`KVM_IRQ_ROUTING_MSI`).
    record Msi(int gsi, KvmMsi message) implements Route {}
}
