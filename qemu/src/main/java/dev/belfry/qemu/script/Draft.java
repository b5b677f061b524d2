package dev.belfry.qemu.script;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.journey.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// A script while it is made: the random numbers it comes from, where things lie in RAM, what is in
/// memory so far, and the steps.
final class Draft {

    /// Where nothing is on any machine.
    static final long NOTHING = 1L << 41;

    final SplittableRandom random;
    final ScriptMachine target;
    final long commandQueue;
    final long eventQueue;
    final long streamTable;
    final long contexts;
    final long level2;
    final long tables;
    final long data;
    final long stage2;

    /// Structures by the address of each 8-byte word.
    final Map<Long, Long> memory = new TreeMap<>();

    private final List<Step> steps = new ArrayList<>();

    Draft(long seed, ScriptMachine target) {
        this.random = new SplittableRandom(seed);
        this.target = target;
        long ram = target.ramBase();
        commandQueue = ram + 0x10000;
        eventQueue = ram + 0x12000;
        streamTable = ram + 0x20000;
        contexts = ram + 0x30000;
        level2 = ram + 0x40000;
        tables = ram + 0x100000;
        data = ram + 0x300000;
        stage2 = ram + 0x340000;
    }

    /// Whether it is one of `n` equal chances.
    boolean one(int n) {
        return random.nextInt(n) == 0;
    }

    int pick(int... values) {
        return values[random.nextInt(values.length)];
    }

    void add(Step step) {
        steps.add(step);
    }

    List<Step> steps() {
        return steps;
    }

    /// A word of a structure, to be written with all others.
    void word(long address, long value) {
        memory.put(address, value);
    }

    /// A word of a structure that changes now.
    void change(long address, long value) {
        memory.put(address, value);
        add(new Step.WriteMemory(address, Bytes.ofWords(value)));
    }

    void register(int offset, int width, long value) {
        if (width == 8 && one(4)) {
            add(new Step.WriteRegister(offset, 4, value & Bits.lowMask(32)));
            add(new Step.WriteRegister(offset + 4, 4, value >>> 32));
        } else {
            add(new Step.WriteRegister(offset, width, value));
        }
    }

    void look(int offset, int width) {
        add(new Step.ReadRegister(offset, width));
    }
}
