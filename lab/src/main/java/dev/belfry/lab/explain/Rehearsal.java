package dev.belfry.lab.explain;

import dev.belfry.lab.InputError;
import dev.belfry.model.system.PageImage;
import dev.belfry.model.system.Snapshot;
import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.capture.CaptureError;
import dev.belfry.qemu.capture.CaptureFolder;
import dev.belfry.qemu.served.ServedView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// A capture that answers as a live QEMU would, to be explained as one where there is none.
///
/// @param qmp its QMP socket
/// @param qtest its qtest socket
/// @param end what closing does
public record Rehearsal(Path qmp, Path qtest, Runnable end) implements AutoCloseable {

    /// Where boot loaders put the device tree of a guest with 512 MiB: above the kernel.
    private static final long TREE_OFFSET = 0x800_0000;

    /// Serves a capture, with a device tree in its memory.
    ///
    /// @param capture folder
    /// @param tree a device tree blob
    /// @param dir for the sockets; exists
    /// @throws InputError when something cannot be read, or no socket be made
    public static Rehearsal of(Path capture, Path tree, Path dir) throws InputError {
        try {
            Snapshot snapshot = with(CaptureFolder.read(capture), Files.readAllBytes(tree));
            ServedView served = new ServedView(snapshot, dir);
            return new Rehearsal(served.qmp(), served.qtest(), served::close);
        } catch (IOException | CaptureError | QemuError e) {
            throw new InputError(String.valueOf(e.getMessage()), "");
        }
    }

    private static Snapshot with(Snapshot s, byte[] tree) {
        Map<Long, byte[]> pages = new HashMap<>();
        for (long address : s.memory().addresses()) {
            pages.put(address, s.memory().page(address).toArray());
        }
        long base = s.ram().getFirst().base() + TREE_OFFSET;
        for (int at = 0; at < tree.length; at += PageImage.PAGE) {
            pages.put(base + at, Arrays.copyOfRange(tree, at, at + PageImage.PAGE));
        }
        return new Snapshot(
                s.source(), s.notes(), s.ram(), s.frames(), s.functions(), new PageImage(pages));
    }

    @Override
    public void close() {
        end.run();
    }
}
