package dev.belfry.vmm.machine;

/// What runs the guest's instructions.
///
/// @param kind which one
/// @param kernelIrqchip whether the interrupt controller is KVM's; false without KVM
public record Accelerator(Kind kind, boolean kernelIrqchip) {

    /// The accelerators that Belfry knows.
    public enum Kind {
        KVM,
        TCG,
        QTEST
    }

    /// Whether accelerated SMMUs are possible: KVM with its interrupt controller in the kernel.
    public boolean hasKernelGic() {
        return kind == Kind.KVM && kernelIrqchip;
    }
}
