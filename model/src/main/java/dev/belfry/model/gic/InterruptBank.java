package dev.belfry.model.gic;

import java.util.Arrays;
import java.util.function.IntConsumer;

/// State of interrupts that are neither LPIs nor the CPU's business: a bit each for enabled,
/// pending, active, group and trigger, and a priority. The Distributor has one for SPIs, each
/// Redistributor one for SGIs and PPIs.
final class InterruptBank {

    private static final int TOP_BITS = 0x55555555;

    private final int[] group;
    private final int[] enabled;
    private final int[] latched;
    private final int[] line;
    private final int[] active;
    private final int[] edge;
    private final byte[] priority;
    private final int priorityMask;
    private IntConsumer ended = n -> {};

    /// A bank of `count` interrupts, a multiple of 32.
    ///
    /// @param priorityBits how many bits of a priority are implemented, 4..8
    InterruptBank(int count, int priorityBits) {
        int words = count / 32;
        this.group = new int[words];
        this.enabled = new int[words];
        this.latched = new int[words];
        this.line = new int[words];
        this.active = new int[words];
        this.edge = new int[words];
        this.priority = new byte[count];
        this.priorityMask = (0xff << (8 - priorityBits)) & 0xff;
    }

    /// Reset: all of `group1` in Group 1 or not, nothing enabled or pending. Lines keep their
    /// level.
    void reset(boolean group1) {
        Arrays.fill(group, group1 ? -1 : 0);
        Arrays.fill(enabled, 0);
        Arrays.fill(latched, 0);
        Arrays.fill(active, 0);
        Arrays.fill(edge, 0);
        Arrays.fill(priority, (byte) 0);
    }

    int words() {
        return group.length;
    }

    int group(int word) {
        return group[word];
    }

    void setGroup(int word, int bits) {
        group[word] = bits;
    }

    int enabled(int word) {
        return enabled[word];
    }

    void enable(int word, int bits) {
        enabled[word] |= bits;
    }

    void disable(int word, int bits) {
        enabled[word] &= ~bits;
    }

    /// Pending: latched, or level-sensitive with the line up.
    int pending(int word) {
        return latched[word] | (line[word] & ~edge[word]);
    }

    void setPending(int word, int bits) {
        latched[word] |= bits;
    }

    void clearPending(int word, int bits) {
        latched[word] &= ~bits;
    }

    int active(int word) {
        return active[word];
    }

    void activate(int word, int bits) {
        active[word] |= bits;
    }

    void deactivate(int word, int bits) {
        active[word] &= ~bits;
    }

    /// A CPU is done with `n`.
    void end(int n) {
        deactivate(n >>> 5, 1 << n);
        ended.accept(n);
    }

    void onEnd(IntConsumer listener) {
        ended = listener;
    }

    int priority(int n) {
        return priority[n] & 0xff;
    }

    void setPriority(int n, int value) {
        priority[n] = (byte) (value & priorityMask);
    }

    /// ICFGR: the odd bits of 16 interrupts.
    ///
    /// @param half which 16 interrupts
    int config(int half) {
        int bits = (edge[half >>> 1] >>> (16 * (half & 1))) & 0xffff;
        int out = 0;
        for (int i = 0; i < 16; i++) {
            out |= ((bits >>> i) & 1) << (2 * i + 1);
        }
        return out;
    }

    void setConfig(int half, int value) {
        int odd = (value >>> 1) & TOP_BITS;
        int bits = 0;
        for (int i = 0; i < 16; i++) {
            bits |= ((odd >>> (2 * i)) & 1) << i;
        }
        int shift = 16 * (half & 1);
        edge[half >>> 1] = (edge[half >>> 1] & ~(0xffff << shift)) | (bits << shift);
    }

    /// Drives a line. A rising one makes an edge-triggered interrupt pending.
    void setLine(int n, boolean level) {
        int bit = 1 << n;
        int word = n >>> 5;
        if (level && (line[word] & bit) == 0 && (edge[word] & bit) != 0) {
            latched[word] |= bit;
        }
        line[word] = level ? line[word] | bit : line[word] & ~bit;
    }

    /// The interrupts of `word` that a CPU could take.
    int candidates(int word) {
        return pending(word) & enabled[word] & ~active[word];
    }

    /// A CPU takes `n`: active, and no longer pending unless its line says so.
    void take(int n) {
        active[n >>> 5] |= 1 << n;
        latched[n >>> 5] &= ~(1 << n);
    }
}
