package dev.belfry.qemu.live;

import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.qtest.QtestClient;
import java.util.List;
import java.util.OptionalLong;

/// Through qtest beside whatever accelerator runs the machine.
record QtestPort(QtestClient qtest) implements Port {

    private static final int LONGEST = 1 << 16;

    @Override
    public String name() {
        return "qtest";
    }

    @Override
    public OptionalLong read32(long address) {
        return OptionalLong.of(qtest.read(address, 4));
    }

    @Override
    public List<OptionalLong> read32(List<Long> addresses) {
        return qtest
                .commands(addresses.stream().map(a -> QtestClient.readCommand(a, 4)).toList())
                .stream()
                .map(reply -> OptionalLong.of(QtestClient.number(reply)))
                .toList();
    }

    @Override
    public byte[] bytes(long address, int length) {
        return qtest.readBytes(address, length);
    }

    /// Without waiting in between, when each fits into one reply.
    @Override
    public List<byte[]> bytes(List<Long> addresses, int length) {
        if (length > LONGEST) {
            return Port.super.bytes(addresses, length);
        }
        return qtest
                .commands(
                        addresses.stream()
                                .map(a -> QtestClient.readBytesCommand(a, length))
                                .toList())
                .stream()
                .map(QtestClient::bytes)
                .toList();
    }

    @Override
    public String monitor(String line) {
        throw new QemuError("qtest has no monitor");
    }
}
