package dev.belfry.vmm.firmware;

import dev.belfry.vmm.firmware.FirmwareInputs.Window;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Sets of addresses.
final class Windows {

    private Windows() {}

    /// What is left of `window` without `claimed`, in ascending order.
    static List<Window> without(Window window, List<Window> claimed) {
        List<Window> rest = new ArrayList<>();
        long next = window.base();
        List<Window> ascending =
                claimed.stream().sorted(Comparator.comparingLong(Window::base)).toList();
        for (Window claim : ascending) {
            if (claim.last() < next || claim.base() > window.last()) {
                continue;
            }
            if (claim.base() > next) {
                rest.add(new Window(next, claim.base() - next));
            }
            next = claim.last() + 1;
        }
        if (next <= window.last()) {
            rest.add(new Window(next, window.last() - next + 1));
        }
        return rest;
    }
}
