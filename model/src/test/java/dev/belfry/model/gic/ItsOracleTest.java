package dev.belfry.model.gic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.gic.spec.ItsCommand;
import dev.belfry.model.gic.spec.ItsCommand.Clear;
import dev.belfry.model.gic.spec.ItsCommand.Discard;
import dev.belfry.model.gic.spec.ItsCommand.Int;
import dev.belfry.model.gic.spec.ItsCommand.Mapc;
import dev.belfry.model.gic.spec.ItsCommand.Mapd;
import dev.belfry.model.gic.spec.ItsCommand.Mapi;
import dev.belfry.model.gic.spec.ItsCommand.Mapti;
import dev.belfry.model.gic.spec.ItsCommand.Movi;
import dev.belfry.model.gic.spec.ItsCommandError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random commands, malformed ones among them, on KVM's ITS against maps that know no tables: the
/// documented error code of each, and what is pending where.
class ItsOracleTest {

    private static final int CPUS = 3;
    private static final int LPIS = 40;

    /// KVM's rules over maps.
    private static final class Oracle {

        /// An event: its LPI and its collection, -1 when that is gone.
        private record Event(int lpi, int icid) {}

        private final Map<Integer, Integer> devices = new HashMap<>();
        private final Map<Long, Event> events = new HashMap<>();
        private final Map<Integer, Integer> collections = new HashMap<>();
        private final List<TreeSet<Integer>> pending = new ArrayList<>();

        Oracle() {
            for (int cpu = 0; cpu < CPUS; cpu++) {
                pending.add(new TreeSet<>());
            }
        }

        private static long key(int device, int event) {
            return (long) device << 32 | event;
        }

        private int cpuOf(int icid) {
            return collections.getOrDefault(icid, -1);
        }

        private void move(int lpi, int from, int to) {
            if (pending.get(from).remove(lpi)) {
                pending.get(to).add(lpi);
            }
        }

        int code(ItsCommand command) {
            return switch (command) {
                case Mapd c -> mapd(c);
                case Mapc c -> mapc(c);
                case Mapti c -> mapti(c.deviceId(), c.eventId(), c.pIntid(), c.icid());
                case Mapi c -> mapti(c.deviceId(), c.eventId(), c.eventId(), c.icid());
                case Movi c -> movi(c);
                case Int c -> raise(c.deviceId(), c.eventId(), 0x010307);
                case Clear c -> clear(c);
                case Discard c -> discard(c);
                case ItsCommand.Movall c -> movall((int) c.rdbase1(), (int) c.rdbase2());
                case ItsCommand.Inv c ->
                        events.containsKey(key(c.deviceId(), c.eventId())) ? 0 : 0x010c07;
                case ItsCommand.Invall c -> cpuOf(c.icid()) < 0 ? 0x010d09 : 0;
                default -> 0;
            };
        }

        private int mapd(Mapd c) {
            if (c.deviceId() < 0 || c.deviceId() > 0xffff) {
                return 0x010801;
            }
            if (c.valid() && c.size() > 15) {
                return 0x010802;
            }
            events.keySet().removeIf(k -> (int) (k >>> 32) == c.deviceId());
            devices.remove(c.deviceId());
            if (c.valid()) {
                devices.put(c.deviceId(), c.size() + 1);
            }
            return 0;
        }

        private int mapc(Mapc c) {
            if (c.rdbase() >= CPUS) {
                return 0x010902;
            }
            if (c.icid() >= 0x2000) {
                return 0x010903;
            }
            if (!c.valid()) {
                collections.remove(c.icid());
                events.replaceAll((k, e) -> e.icid == c.icid() ? new Event(e.lpi, -1) : e);
                return 0;
            }
            int old = cpuOf(c.icid());
            int now = (int) c.rdbase();
            if (old >= 0 && old != now) {
                events.values().stream()
                        .filter(e -> e.icid == c.icid())
                        .forEach(e -> move(e.lpi, old, now));
            }
            collections.put(c.icid(), now);
            return 0;
        }

        private int mapti(int device, int event, int lpi, int icid) {
            if (!devices.containsKey(device)) {
                return 0x010a04;
            }
            if (event < 0 || event >= 1 << devices.get(device)) {
                return 0x010a05;
            }
            if (lpi < 8192 || lpi >= 1 << 16) {
                return 0x010a06;
            }
            events.putIfAbsent(key(device, event), new Event(lpi, icid));
            return 0;
        }

        private int movi(Movi c) {
            Event e = events.get(key(c.deviceId(), c.eventId()));
            if (e == null) {
                return 0x010107;
            }
            int from = cpuOf(e.icid);
            int to = cpuOf(c.icid());
            if (from < 0 || to < 0) {
                return 0x010109;
            }
            move(e.lpi, from, to);
            events.put(key(c.deviceId(), c.eventId()), new Event(e.lpi, c.icid()));
            return 0;
        }

        private int movall(int from, int to) {
            if (from >= CPUS || to >= CPUS) {
                return 0x010e01;
            }
            if (from != to) {
                pending.get(to).addAll(pending.get(from));
                pending.get(from).clear();
            }
            return 0;
        }

        int raise(int device, int event, int code) {
            Event e = events.get(key(device, event));
            int cpu = e == null ? -1 : cpuOf(e.icid);
            if (e == null || cpu < 0) {
                return code;
            }
            pending.get(cpu).add(e.lpi);
            return 0;
        }

        private int clear(Clear c) {
            Event e = events.get(key(c.deviceId(), c.eventId()));
            if (e == null) {
                return 0x010507;
            }
            int cpu = cpuOf(e.icid);
            for (int i = 0; i < CPUS; i++) {
                if (cpu < 0 || i == cpu) {
                    pending.get(i).remove(e.lpi);
                }
            }
            return 0;
        }

        private int discard(Discard c) {
            Event e = events.get(key(c.deviceId(), c.eventId()));
            int cpu = e == null ? -1 : cpuOf(e.icid);
            if (e == null || cpu < 0) {
                return 0x010f07;
            }
            pending.get(cpu).remove(e.lpi);
            events.remove(key(c.deviceId(), c.eventId()));
            return 0;
        }
    }

    private static ItsCommand command(Random random) {
        int device = random.nextInt(40) == 0 ? 0x1_0000 + random.nextInt(9) : random.nextInt(5);
        int event = random.nextInt(40) == 0 ? 1 << random.nextInt(31) : random.nextInt(14);
        int lpi = random.nextInt(40) == 0 ? random.nextInt(8192) : 8192 + random.nextInt(LPIS);
        int icid = random.nextInt(5);
        int cpu = random.nextInt(30) == 0 ? CPUS : random.nextInt(CPUS);
        boolean valid = random.nextInt(8) != 0;
        return switch (random.nextInt(14)) {
            case 0 -> new Mapd(device, random.nextInt(30) == 0 ? 16 : 3, Rig.itt(device), valid);
            case 1, 2 -> new Mapc(random.nextInt(40) == 0 ? 0x2000 : icid, cpu, valid);
            case 3, 4, 5 -> new Mapti(device, event, lpi, icid);
            case 6 -> new Mapi(device, event, icid);
            case 7 -> new Movi(device, event, icid);
            case 8 -> new ItsCommand.Movall(cpu, random.nextInt(CPUS));
            case 9 -> new Clear(device, event);
            case 10 -> new Discard(device, event);
            case 11 -> new ItsCommand.Inv(device, event);
            case 12 -> new ItsCommand.Invall(icid);
            default -> new Int(device, event);
        };
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void everyCommandHasItsCodeAndEveryLpiIsPendingWhereItShould(long seed) {
        Random random = new Random(seed);
        Oracle oracle = new Oracle();
        Rig rig = Rig.of(ItsIdentity.KVM, CPUS);
        int pended = 0;
        List<String> said = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            ItsCommand c = command(random);
            said.add(c.toString());
            int expected = oracle.code(c);
            int before = rig.its.failedCommands().size();
            rig.send(c);
            List<Its.FailedCommand> failed = rig.its.failedCommands();
            boolean isNew = failed.size() > before || (failed.size() == 64 && expected != 0);
            ItsCommandError error = isNew ? failed.getLast().error() : ItsCommandError.NONE;
            assertThat(error.code()).as("%s, seed %d: %s", i, seed, c).isEqualTo(expected);
            int device = random.nextInt(5);
            int event = random.nextInt(14);
            rig.message(device, event);
            oracle.raise(device, event, 0);
            for (int cpu = 0; cpu < CPUS; cpu++) {
                TreeSet<Integer> here = new TreeSet<>();
                for (int lpi = 8192; lpi < 8192 + LPIS; lpi++) {
                    if (rig.gic.isLpiPending(cpu, lpi)) {
                        here.add(lpi);
                    }
                }
                assertThat(here)
                        .as("CPU %d, seed %d, after %s", cpu, seed, tail(said))
                        .isEqualTo(oracle.pending.get(cpu));
                pended += here.size();
            }
        }
        assertThat(pended).isPositive();
    }

    private static List<String> tail(List<String> all) {
        return all.subList(Math.max(0, all.size() - 12), all.size());
    }
}
