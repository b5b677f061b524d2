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
            int words = Math.min(WORDS, (length - at + 3) / 4);
            String text = qmp.humanMonitor("xp /" + words + "xw " + Hex.of(address + at));
            Matcher m = WORD.matcher(text);
            for (int i = 0; i < words; i++) {
                if (!m.find()) {
                    return new byte[0];
                }
                put(out, at + 4 * i, Long.parseLong(m.group(1), 16));
            }
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
