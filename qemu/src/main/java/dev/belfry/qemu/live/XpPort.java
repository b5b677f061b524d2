package dev.belfry.qemu.live;

import dev.belfry.model.bits.Hex;
import dev.belfry.qemu.qmp.QmpClient;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Through the human monitor's `xp`: always there, a few thousand reads a second.
record XpPort(QmpClient qmp) implements Port {

    private static final Pattern WORD = Pattern.compile(" 0x([0-9a-f]{8})\\b");
    private static final int WORDS = 1024;

    @Override
    public String name() {
        return "the monitor (xp)";
    }

    @Override
    public OptionalLong read32(long address) {
        return word(qmp.humanMonitor(one(address)));
    }

    @Override
    public List<OptionalLong> read32(List<Long> addresses) {
        return qmp.humanMonitor(addresses.stream().map(XpPort::one).toList()).stream()
                .map(XpPort::word)
                .toList();
    }

    /// One word a command: with more, QEMU reads 8 bytes at once.
    private static String one(long address) {
        return "xp /1xw " + Hex.of(address);
    }

    private static OptionalLong word(String text) {
        Matcher m = WORD.matcher(text);
        return m.find() ? OptionalLong.of(Long.parseLong(m.group(1), 16)) : OptionalLong.empty();
    }

    @Override
    public byte[] bytes(long address, int length) {
        byte[] out = new byte[length];
        for (int at = 0; at < length; at += 4 * WORDS) {
            int n = Math.min(4 * WORDS, length - at);
            byte[] some = parsed(qmp.humanMonitor(many(address + at, n)), n);
            if (some.length < n) {
                return new byte[0];
            }
            System.arraycopy(some, 0, out, at, n);
        }
        return out;
    }

    /// Without waiting in between, when each fits into one reply.
    @Override
    public List<byte[]> bytes(List<Long> addresses, int length) {
        if (length > 4 * WORDS) {
            return Port.super.bytes(addresses, length);
        }
        return qmp.humanMonitor(addresses.stream().map(a -> many(a, length)).toList()).stream()
                .map(text -> parsed(text, length))
                .toList();
    }

    private static String many(long address, int length) {
        return "xp /" + (length + 3) / 4 + "xw " + Hex.of(address);
    }

    /// The bytes in a reply; none when there are too few words.
    private static byte[] parsed(String text, int length) {
        byte[] out = new byte[length];
        Matcher m = WORD.matcher(text);
        for (int at = 0; at < length; at += 4) {
            if (!m.find()) {
                return new byte[0];
            }
            put(out, at, Long.parseLong(m.group(1), 16));
        }
        return out;
    }

    private static void put(byte[] out, int at, long word) {
        for (int i = 0; i < 4 && at + i < out.length; i++) {
            out[at + i] = (byte) (word >>> (8 * i));
        }
    }

    @Override
    public String monitor(String line) {
        return qmp.humanMonitor(line);
    }
}
