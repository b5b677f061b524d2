package dev.belfry.kernel.firmware;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/// Tables of a real QEMU, and changes to them.
final class Fixture {

    private Fixture() {}

    static byte[] bytes(String name) {
        try (InputStream in = Objects.requireNonNull(Fixture.class.getResourceAsStream(name))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Table table(String name) {
        return new Table(name, bytes(name));
    }

    /// The IORT with other words in places: offset, value, offset, value…
    static Iort iort(int... changes) {
        ByteBuffer table = ByteBuffer.wrap(bytes("IORT.bin")).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < changes.length; i += 2) {
            table.putInt(changes[i], changes[i + 1]);
        }
        return Iort.read(new Table("IORT", table.array()));
    }

    /// Memory that holds bytes at an address, and nothing else.
    static FirmwareMemory memory(long at, byte[] bytes) {
        return (address, length) -> new Table("memory", bytes).copy(address - at, length);
    }
}
