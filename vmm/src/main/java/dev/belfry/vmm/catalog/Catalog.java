package dev.belfry.vmm.catalog;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Finds what QEMU knows by name.
public final class Catalog {

    private static final CatalogText TEXT = CatalogText.read();

    private Catalog() {}

    /// A device that can be added, by its name or its alias.
    public static Optional<Description> device(String name) {
        return find(TEXT.devices, TEXT.aliases.getOrDefault(name, name));
    }

    /// The names of all devices that can be added.
    public static Set<String> devices() {
        return Collections.unmodifiableSet(TEXT.devices.keySet());
    }

    /// Whether only machines make devices of that type.
    public static boolean isBuiltIn(String name) {
        return TEXT.builtIn.contains(name);
    }

    /// An object that can be made.
    public static Optional<Description> object(String name) {
        return find(TEXT.objects, name);
    }

    /// The names of all objects that can be made.
    public static Set<String> objects() {
        return Collections.unmodifiableSet(TEXT.objects.keySet());
    }

    /// A CPU of the `virt` machine.
    public static Optional<Description> cpu(String name) {
        return find(TEXT.cpus, name);
    }

    /// The names of the CPUs of the `virt` machine.
    public static Set<String> cpus() {
        return Collections.unmodifiableSet(TEXT.cpus.keySet());
    }

    /// Whether other machines have a CPU of that name.
    public static boolean isForeignCpu(String name) {
        return TEXT.foreignCpus.contains(name);
    }

    /// Whether there is a machine of that name, other than `virt`.
    public static boolean isOtherMachine(String name) {
        return TEXT.machines.contains(name);
    }

    /// The `virt` machine.
    public static Description machine() {
        return TEXT.machine;
    }

    private static Optional<Description> find(Map<String, Description> all, String name) {
        return Optional.ofNullable(all.get(name));
    }
}
