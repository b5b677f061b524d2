package dev.belfry.vmm.catalog;

/// A property of a device, an object, a CPU or the machine.
///
/// @param name as QEMU spells it
/// @param type of its values
/// @param required whether it must be given
/// @param span the releases that have it with this type
public record Property(String name, ValueType type, boolean required, Span span) {}
