package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.L1Cd;
import dev.belfry.model.smmu.spec.L1Std;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.Ste;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random configurations, accesses and CMD_CFGI_*, held against four plain maps: what a command has
/// to remove is gone, and in adversarial mode nothing else is (IHI 0070 4.3).
///
/// Each structure exists in two copies, and a third state in which it is not valid; which copies a
/// transaction was led through shows in its output address.
class ConfigInvalidationTest {

    private static final int SPLIT = 6;
    private static final int[] SIDS = {0, 1, 5, 64, 65, 127, 128, 130};
    private static final int[] SSIDS = {1, 63, 64, 65, 200};
    private static final int INVALID = 2;
    private static final long INPUT = 0x1000;

    /// What the test's own tables hold now: which copy, or [#INVALID].
    private final Map<Integer, Integer> l1stds = new HashMap<>();

    private final Map<List<Integer>, Integer> stes = new HashMap<>();
    private final Map<List<Integer>, Integer> l1cds = new HashMap<>();
    private final Map<List<Integer>, Integer> cds = new HashMap<>();

    // What the SMMU may remember. A CD is the output address that it leads to; 0 for a bad one.
    private final Map<Integer, Integer> knownL1stds = new HashMap<>();
    private final Map<Integer, List<Integer>> knownStes = new HashMap<>();
    private final Map<List<Integer>, List<Integer>> knownL1cds = new HashMap<>();
    private final Map<List<Integer>, Long> knownCds = new HashMap<>();

    private final Rig rig = new Rig(SmmuIdentity.MAX, new CacheMode.Adversarial());
    private SplittableRandom random = new SplittableRandom(0);
    private final Map<List<Integer>, Long> areas = new HashMap<>();
    private final Map<Long, Long> tables = new HashMap<>();

    /// An ASID for each table, so that the TLB takes no part.
    private final Map<Long, Integer> asids = new HashMap<>();

    private int removed;
    private int sid = SIDS[0];
    private int ssid = SSIDS[0];

    ConfigInvalidationTest() {
        rig.start();
        rig.write(SmmuRegister.CR0, 0);
        rig.write(SmmuRegister.STRTAB_BASE_CFG, 1 << 16 | SPLIT << 6 | 10);
        rig.write(SmmuRegister.CR0, 0xd);
    }

    private long area(int bytes, Integer... key) {
        return areas.computeIfAbsent(List.of(key), k -> rig.allocate(bytes));
    }

    private void writeL1std(int index, int copy) {
        l1stds.put(index, copy);
        long array = area(4096, 1, index, copy);
        rig.words(Rig.STRTAB + 8L * index, copy == INVALID ? 0 : L1Std.of(SPLIT + 1, array).word());
    }

    private void writeSte(int sid, int array, int copy) {
        stes.put(List.of(sid, array), copy);
        Ste ste =
                Ste.ZERO.withWord(
                        0,
                        Ste.V.of(copy == INVALID ? 0 : 1)
                                | Ste.CONFIG.of(5)
                                | Ste.S1FMT.of(1)
                                | Ste.S1CDMAX.of(8)
                                | area(64, 2, sid, array, copy));
        long at = area(4096, 1, sid >> SPLIT, array);
        rig.words(at + 64L * (sid & 63), ste.words());
    }

    /// @param ste sid, array, copy of the STE
    private void writeL1cd(List<Integer> ste, int index, int copy) {
        l1cds.put(key(ste, index), copy);
        long at = area(64, 2, ste.get(0), ste.get(1), ste.get(2));
        long leaf = area(4096, 3, ste.get(0), ste.get(1), ste.get(2), index, copy);
        rig.words(at + 8L * index, copy == INVALID ? 0 : L1Cd.of(leaf).word());
    }

    private void writeCd(List<Integer> l1cd, int ssid, int copy) {
        cds.put(key(l1cd, ssid), copy);
        long output = output(l1cd, ssid, copy);
        long ttb =
                tables.computeIfAbsent(
                        output,
                        k -> {
                            // A 1 GiB block, found from a start table of 8 descriptors at level 1.
                            long table = rig.allocate(64);
                            rig.words(table, k | Rig.LEAF | 0x800);
                            return table;
                        });
        Cd cd =
                Rig.cd(ttb)
                        .with(0, Cd.T0SZ, 31)
                        .with(0, Cd.IPS, 5)
                        .with(0, Cd.ASID, asids.computeIfAbsent(output, k -> asids.size() + 1))
                        .with(0, Cd.V, copy == INVALID ? 0 : 1);
        long leaf = area(4096, 3, l1cd.get(0), l1cd.get(1), l1cd.get(2), l1cd.get(3), l1cd.get(4));
        rig.words(leaf + 64L * (ssid & 63), cd.words());
    }

    private static long output(List<Integer> l1cd, int ssid, int copy) {
        long id = java.util.Arrays.binarySearch(SIDS, l1cd.get(0));
        id = id * 2 + l1cd.get(1);
        id = id * 2 + l1cd.get(2);
        id = id * 2 + l1cd.get(4);
        return (id * 2 + copy) << 38 | (long) ssid << 30;
    }

    private static List<Integer> key(List<Integer> first, int last) {
        List<Integer> all = new ArrayList<>(first);
        all.add(last);
        return all;
    }

    /// 0 is usable, mostly; 1 the other copy.
    private int copy() {
        return random.nextInt(7) == 0 ? INVALID : random.nextInt(2);
    }

    /// Most things happen to one substream for a while: so that they meet.
    private void focus() {
        if (random.nextInt(8) == 0) {
            sid = SIDS[random.nextInt(SIDS.length)];
            ssid = SSIDS[random.nextInt(SSIDS.length)];
        }
    }

    /// Writes some structure anew that lies on the way of a substream.
    private void change() {
        int array = random.nextInt(2);
        List<Integer> ste = List.of(sid, array, random.nextInt(2));
        List<Integer> l1cd = key(key(ste, ssid >> 6), random.nextInt(2));
        switch (random.nextInt(4)) {
            case 0 -> writeL1std(sid >> SPLIT, copy());
            case 1 -> writeSte(sid, array, copy());
            case 2 -> writeL1cd(ste, ssid >> 6, copy());
            default -> writeCd(l1cd, ssid, copy());
        }
    }

    private void writeAll() {
        for (int sid : SIDS) {
            writeL1std(sid >> SPLIT, 0);
            for (int n = 0; n < 4; n++) {
                writeSte(sid, n & 1, n >> 1);
                List<Integer> ste = List.of(sid, n & 1, n >> 1);
                for (int ssid : SSIDS) {
                    for (int c = 0; c < 2; c++) {
                        writeL1cd(ste, ssid >> 6, c);
                        writeCd(key(key(ste, ssid >> 6), c), ssid, 0);
                    }
                }
            }
        }
    }

    /// What the text makes of an access: an output address, or the name of an event.
    private String expected(int sid, int ssid) {
        List<Integer> ste = knownStes.get(sid);
        if (ste == null) {
            int array = knownL1stds.computeIfAbsent(sid >> SPLIT, l1stds::get);
            if (array == INVALID) {
                return "C_BAD_STREAMID";
            }
            ste = List.of(sid, array, stes.get(List.of(sid, array)));
            knownStes.put(sid, ste);
        }
        if (ste.get(2) == INVALID) {
            return "C_BAD_STE";
        }
        Long cd = knownCds.get(List.of(sid, ssid));
        if (cd == null) {
            List<Integer> from = ste;
            List<Integer> l1cd =
                    knownL1cds.computeIfAbsent(
                            List.of(sid, ssid >> 6),
                            k ->
                                    key(
                                            key(from, ssid >> 6),
                                            l1cds.getOrDefault(key(from, ssid >> 6), INVALID)));
            if (l1cd.get(4) == INVALID) {
                return "C_BAD_SUBSTREAMID";
            }
            int copy = cds.getOrDefault(key(l1cd, ssid), INVALID);
            cd = copy == INVALID ? 0 : output(l1cd, ssid, copy);
            knownCds.put(List.of(sid, ssid), cd);
        }
        return cd == 0 ? "C_BAD_CD" : Long.toHexString(cd | INPUT);
    }

    private String seen(int sid, int ssid) {
        rig.events();
        return switch (rig.smmu.translate(sid, ssid, INPUT, Access.READ)) {
            case Translation.Mapped m -> Long.toHexString(m.pa());
            case Translation.Faulted f -> f.event().map(EventRecord::type).orElseThrow().name();
            case Translation.Stalled s -> s.toString();
        };
    }

    private Command command() {
        return switch (random.nextInt(16)) {
            case 0 -> new Command.CfgiSteRange(sid, false, 31);
            case 1, 2 -> new Command.CfgiSteRange(sid, false, random.nextInt(9));
            case 3, 4, 5 -> new Command.CfgiCdAll(sid, false);
            case 6, 7, 8, 9 -> new Command.CfgiSte(sid, false, random.nextBoolean());
            // Of translations, not configurations.
            case 10 -> new Command.TlbiNsnhAll();
            default -> new Command.CfgiCd(sid, false, ssid, random.nextBoolean());
        };
    }

    private void forget(Command command) {
        int before = known();
        switch (command) {
            case Command.CfgiSte c -> {
                forgetStream(c.streamId());
                if (!c.leaf()) {
                    knownL1stds.remove(c.streamId() >> SPLIT);
                }
            }
            case Command.CfgiSteRange c -> {
                long size = 1L << (c.range() + 1);
                long first = c.range() == 31 ? 0 : c.streamId() / size * size;
                for (int sid : SIDS) {
                    if (sid >= first && sid < first + size) {
                        forgetStream(sid);
                    }
                }
                knownL1stds
                        .keySet()
                        .removeIf(i -> (i + 1L) << SPLIT > first && i << SPLIT < first + size);
            }
            case Command.CfgiCd c -> {
                knownCds.remove(List.of(c.streamId(), c.substreamId()));
                if (!c.leaf()) {
                    knownL1cds.remove(List.of(c.streamId(), c.substreamId() >> 6));
                }
            }
            case Command.CfgiCdAll c -> forgetContexts(c.streamId());
            default -> {}
        }
        removed += before - known();
    }

    private int known() {
        return knownL1stds.size() + knownStes.size() + knownL1cds.size() + knownCds.size();
    }

    private void forgetStream(int sid) {
        knownStes.remove(sid);
        forgetContexts(sid);
    }

    private void forgetContexts(int sid) {
        knownL1cds.keySet().removeIf(k -> k.get(0) == sid);
        knownCds.keySet().removeIf(k -> k.get(0) == sid);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void cachedConfigurationsGoWithTheirCommandsAndWithNothingElse(long seed) {
        random = new SplittableRandom(seed);
        writeAll();
        for (int step = 0; step < 6000; step++) {
            focus();
            switch (random.nextInt(4)) {
                case 0 -> change();
                case 1 -> {
                    Command c = command();
                    rig.command(c);
                    forget(c);
                }
                default -> {
                    String expected = expected(sid, ssid);
                    assertThat(seen(sid, ssid))
                            .as("%d/%d, %d", sid, ssid, step)
                            .isEqualTo(expected);
                }
            }
        }
        assertThat(removed).isGreaterThan(1000);
    }
}
