package dev.belfry.qemu.live;

import dev.belfry.qemu.qtest.QtestClient;
import java.util.OptionalLong;

/// Through qtest beside whatever accelerator runs the machine.
record QtestPort(QtestClient qtest) implements Port {

    @Override
    public String name() {
        return "qtest";
    }

    @Override
    public OptionalLong read32(long address) {
        return OptionalLong.of(qtest.read(address, 4));
    }

    @Override
    public byte[] bytes(long address, int length) {
        return qtest.readBytes(address, length);
    }
}
