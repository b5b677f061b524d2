package dev.belfry.qemu.live;

import dev.belfry.qemu.QemuError;
import java.util.ArrayList;
import java.util.List;

/// Closes things in the reverse of the order in which they were opened, all of them whatever fails.
final class Closing {

    private Closing() {}

    /// Closes and removes them.
    ///
    /// @throws QemuError the first failure, after all were tried
    static void all(List<AutoCloseable> open) {
        List<Exception> failed = new ArrayList<>();
        while (!open.isEmpty()) {
            try {
                open.removeLast().close();
            } catch (Exception e) {
                failed.add(e);
            }
        }
        if (!failed.isEmpty()) {
            throw failed.getFirst() instanceof QemuError e
                    ? e
                    : new QemuError(
                            String.valueOf(failed.getFirst().getMessage()), failed.getFirst());
        }
    }
}
