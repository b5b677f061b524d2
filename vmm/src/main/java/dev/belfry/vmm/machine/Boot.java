package dev.belfry.vmm.machine;

/// The guest's kernel. What was not given is empty.
///
/// @param kernel file of `-kernel`
/// @param initrd file of `-initrd`
/// @param append command line of the guest's kernel
/// @param dtb file of `-dtb`
public record Boot(String kernel, String initrd, String append, String dtb) {}
