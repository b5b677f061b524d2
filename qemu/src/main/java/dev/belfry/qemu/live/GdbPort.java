package dev.belfry.qemu.live;

import dev.belfry.qemu.gdb.GdbStub;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/// Through the GDB server, which is connected to only when it is needed: that pauses the machine.
final class GdbPort implements Port, AutoCloseable {

    private final String address;
    private final Duration timeout;
    private final Supplier<VmStop> pause;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<GdbStub> stub = new ArrayList<>(1);

    /// @param pause stops the machine, so that it is known whether to let it go on
    GdbPort(String address, Duration timeout, Supplier<VmStop> pause) {
        this.address = address;
        this.timeout = timeout;
        this.pause = pause;
    }

    private GdbStub stub() {
        if (stub.isEmpty()) {
            open.add(pause.get());
            GdbStub connected = GdbStub.connect(address, timeout);
            open.add(connected);
            stub.add(connected);
        }
        return stub.getFirst();
    }

    @Override
    public String name() {
        return "the GDB server at " + address + " (which holds the VM still)";
    }

    @Override
    public OptionalLong read32(long address) {
        byte[] bytes = stub().read(address, 4);
        return bytes.length == 4
                ? OptionalLong.of(
                        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt()
                                & 0xffff_ffffL)
                : OptionalLong.empty();
    }

    @Override
    public byte[] bytes(long address, int length) {
        return stub().read(address, length);
    }

    @Override
    public String monitor(String line) {
        return stub().monitor(line);
    }

    @Override
    public void close() {
        Closing.all(open);
    }
}
