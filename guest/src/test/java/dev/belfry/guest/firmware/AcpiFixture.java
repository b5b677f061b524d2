package dev.belfry.guest.firmware;

import dev.belfry.kernel.firmware.FirmwareError;
import dev.belfry.kernel.firmware.FirmwareMemory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/// Tables of a real QEMU, laid out in memory as a machine's firmware does: pointers filled in, RSDP
/// and XSDT around them.
final class AcpiFixture {

    static final long BASE = 0x4800_0000L;

    private final ByteArrayOutputStream memory = new ByteArrayOutputStream();
    private final byte[] list = new byte[36 + 8 * 8];
    private final ByteBuffer xsdt = ByteBuffer.wrap(list).order(ByteOrder.LITTLE_ENDIAN);
    private int tables;

    AcpiFixture() {
        memory.writeBytes(new byte[0x200]);
    }

    static byte[] resource(String name) {
        try (InputStream in = Objects.requireNonNull(AcpiFixture.class.getResourceAsStream(name))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The tables of a machine; names of resources.
    static AcpiFixture of(String dsdt, String madt, String iort) {
        AcpiFixture fixture = new AcpiFixture();
        ByteBuffer fadt = ByteBuffer.wrap(resource("FACP.bin")).order(ByteOrder.LITTLE_ENDIAN);
        fadt.putLong(140, fixture.place(resource(dsdt)));
        fixture.add(fadt.array());
        fixture.add(resource(madt));
        fixture.add(resource("MCFG.bin"));
        fixture.add(resource(iort));
        return fixture;
    }

    private long place(byte[] table) {
        long at = BASE + memory.size();
        memory.writeBytes(table);
        memory.writeBytes(new byte[8 - table.length % 8]);
        return at;
    }

    AcpiFixture add(byte[] table) {
        xsdt.putLong(36 + 8 * tables++, place(table));
        return this;
    }

    byte[] bytes() {
        byte[] bytes = memory.toByteArray();
        ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        out.put(0, "RSD PTR \0BOCHS \2".getBytes(StandardCharsets.US_ASCII));
        out.putInt(20, 36).putLong(24, BASE + 0x40);
        out.put(8, checksum(bytes, 0, 20));
        out.put(32, checksum(bytes, 0, 36));
        xsdt.put(0, "XSDT".getBytes(StandardCharsets.US_ASCII));
        xsdt.putInt(4, 36 + 8 * tables);
        out.put(0x40, Arrays.copyOf(list, 36 + 8 * tables));
        return bytes;
    }

    FirmwareInfo read() {
        return FirmwareReader.read(memory(bytes()), BASE);
    }

    /// Memory from [#BASE] on.
    static FirmwareMemory memory(byte[] bytes) {
        return (address, length) -> {
            long offset = address - BASE;
            if (offset < 0 || offset > bytes.length - (long) length) {
                throw new FirmwareError("not memory");
            }
            return Arrays.copyOfRange(bytes, (int) offset, (int) offset + length);
        };
    }

    private static byte checksum(byte[] bytes, int from, int length) {
        byte sum = 0;
        for (int i = from; i < from + length; i++) {
            sum += bytes[i];
        }
        return (byte) -sum;
    }
}
