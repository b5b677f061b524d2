package dev.belfry.model.pci;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A bus: up to 256 functions by device and function number.
public abstract sealed class PciBus permits RootBus, SecondaryBus {

    private final String name;
    private final @Nullable PciFunction[] functions = new PciFunction[256];
    private @Nullable BusClaims claims;

    PciBus(String name) {
        this.name = name;
    }

    /// What QEMU or a person calls it.
    public final String name() {
        return name;
    }

    /// Its number now.
    public abstract int number();

    /// The root bus above it, or itself.
    public abstract RootBus root();

    /// The bridge that it is below of; null for a root bus.
    abstract @Nullable Bridge parent();

    /// Whether its functions answer.
    abstract boolean hasPower();

    abstract PciSegment segment();

    /// Puts a function on the bus. A device with more than function 0 says so in the header of each
    /// of its functions.
    ///
    /// @param devfn device number times 8 plus function number
    /// @return the function
    /// @throws IllegalArgumentException when the place is taken, or the function is on a bus
    public final <F extends PciFunction> F add(int devfn, F function) {
        if (functions[devfn] != null) {
            throw new IllegalArgumentException(
                    name + " has a function at " + (devfn >> 3) + "." + (devfn & 7) + " already");
        }
        function.attach(this, devfn);
        functions[devfn] = function;
        markMultiFunction(devfn & ~7);
        decodingChanged();
        return function;
    }

    /// As [#add(int, PciFunction)], by device and function number.
    public final <F extends PciFunction> F add(int device, int function, F added) {
        return add(device << 3 | function, added);
    }

    private void markMultiFunction(int first) {
        boolean several = false;
        for (int i = 1; i < 8; i++) {
            several |= functions[first + i] != null;
        }
        for (int i = 0; several && i < 8; i++) {
            PciFunction f = functions[first + i];
            if (f != null) {
                f.setMultiFunction();
            }
        }
    }

    /// Takes the function at `devfn` off the bus, with whatever is below it.
    public final void remove(int devfn) {
        PciFunction f = functions[devfn];
        if (f != null) {
            functions[devfn] = null;
            segment().topologyChanged();
            decodingChanged();
            f.detach();
        }
    }

    /// The function at `devfn`.
    public final Optional<PciFunction> at(int devfn) {
        return Optional.ofNullable(functions[devfn & 0xff]);
    }

    final @Nullable PciFunction function(int devfn) {
        return functions[devfn];
    }

    /// Its functions, by number.
    public final List<PciFunction> functions() {
        List<PciFunction> out = new ArrayList<>();
        for (PciFunction f : functions) {
            if (f != null) {
                out.add(f);
            }
        }
        return out;
    }

    /// BARs, windows or enables on this bus may have changed.
    final void decodingChanged() {
        claims = null;
        segment().decodingChanged();
    }

    final BusClaims claims() {
        BusClaims c = claims;
        if (c == null) {
            BusClaims.Builder builder = new BusClaims.Builder();
            for (PciFunction f : functions) {
                if (f != null) {
                    f.claim(builder);
                }
            }
            c = builder.build();
            claims = c;
        }
        return c;
    }
}
