package dev.belfry.model.gic.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.gic.GicCapture;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Commands that Linux queued decode to what QEMU's trace says they were.
class ItsCommandTest {

    private static final long QUEUE = 0x4258_0000L;
    private static final int QUEUED = 0xa00 / ItsCommand.BYTES;

    private final GicCapture capture = new GicCapture("translated");

    private long[] words(int n) {
        long at = QUEUE + (long) n * ItsCommand.BYTES;
        return new long[] {
            capture.read(at, 8),
            capture.read(at + 8, 8),
            capture.read(at + 16, 8),
            capture.read(at + 24, 8)
        };
    }

    private List<ItsCommand> queued() {
        List<ItsCommand> out = new ArrayList<>();
        for (int i = 0; i < QUEUED; i++) {
            long[] w = words(i);
            out.add(ItsCommand.decode(w[0], w[1], w[2], w[3]));
        }
        return out;
    }

    private static String traced(ItsCommand command) {
        return switch (command) {
            case ItsCommand.Mapd c ->
                    String.format(
                            "MAPD DeviceID 0x%x Size 0x%x ITT_addr 0x%x V %d",
                            c.deviceId(), c.size(), c.ittAddr() >>> 8, c.valid() ? 1 : 0);
            case ItsCommand.Mapc c ->
                    String.format(
                            "MAPC ICID 0x%x RDbase 0x%x V %d",
                            c.icid(), c.rdbase(), c.valid() ? 1 : 0);
            case ItsCommand.Mapti c ->
                    String.format(
                            "MAPTI DeviceID 0x%x EventID 0x%x ICID 0x%x pINTID 0x%x",
                            c.deviceId(), c.eventId(), c.icid(), c.pIntid());
            case ItsCommand.Inv c ->
                    String.format("INV DeviceID 0x%x EventID 0x%x", c.deviceId(), c.eventId());
            case ItsCommand.Discard c ->
                    String.format("DISCARD DeviceID 0x%x EventID 0x%x", c.deviceId(), c.eventId());
            case ItsCommand.Invall _ -> "INVALL";
            case ItsCommand.Sync _ -> "SYNC";
            default -> throw new AssertionError(command);
        };
    }

    @Test
    void theQueueDecodesToTheTrace() {
        Iterator<String> trace =
                capture.trace().stream()
                        .filter(l -> l.startsWith("gicv3_its_cmd_"))
                        .map(l -> l.substring(l.indexOf("command ") + 8))
                        .iterator();
        for (ItsCommand command : queued()) {
            assertThat(traced(command)).isEqualTo(trace.next());
        }
        assertThat(trace.hasNext()).isFalse();
    }

    @Test
    void encodingGivesTheBytesThatLinuxWrote() {
        List<ItsCommand> commands = queued();
        for (int i = 0; i < commands.size(); i++) {
            assertThat(commands.get(i).encode()).as(commands.get(i).toString()).isEqualTo(words(i));
        }
    }

    @Test
    void fieldsThatTheBootDidNotUseAreWhereTheSpecificationHasThem() {
        assertThat(ItsCommand.decode(0x7_0000_0001L, 9, 0xfffe_0000_0000_5555L, 0))
                .isEqualTo(new ItsCommand.Movi(7, 9, 0x5555));
        assertThat(ItsCommand.decode(0x0e, 0, 0x3_0000, 0x4_0000))
                .isEqualTo(new ItsCommand.Movall(3, 4));
        assertThat(ItsCommand.decode(0x8000_0000_0000_000bL, 0x2000, 1, 0))
                .isEqualTo(new ItsCommand.Mapi(0x8000_0000, 0x2000, 1));
        assertThat(ItsCommand.decode(0x05, 0, 0x2_0000, 0)).isEqualTo(new ItsCommand.Sync(2));
        assertThat(ItsCommand.decode(0x2e, 1, 2, 3))
                .isEqualTo(new ItsCommand.Unknown(0x2e, 0x2e, 1, 2, 3));
    }

    /// Words as Linux's irq-gic-v3-its builds them (its_encode_vpeid, its_encode_db_phys_id, ...).
    @Test
    void virtualCommandsAreWhereLinuxPutsTheirFields() {
        assertThat(
                        ItsCommand.decode(
                                0x29, 0x0003_0000_0000L, 1L << 63 | 0x2_0000, 0x4567_0000L | 15))
                .isEqualTo(new ItsCommand.Vmapp(3, 2, 0x4567_0000L, 15, true));
        assertThat(ItsCommand.decode(0x10_0000_002aL, 0x0003_0000_0007L, 0x2005_0000_2001L, 0))
                .isEqualTo(new ItsCommand.Vmapti(0x10, 7, 3, 0x2001, 0x2005));
        assertThat(ItsCommand.decode(0x10_0000_002bL, 0x0003_0000_2007L, 0x3ff_0000_0000L, 0))
                .isEqualTo(new ItsCommand.Vmapi(0x10, 0x2007, 3, 1023));
        assertThat(ItsCommand.decode(0x10_0000_0021L, 0x0004_0000_0007L, 0x2006_0000_0001L, 0))
                .isEqualTo(new ItsCommand.Vmovi(0x10, 7, 4, true, 0x2006));
        assertThat(ItsCommand.decode(0x0005_0000_0022L, 0x0003_0000_0003L, 0x1_0000, 0))
                .isEqualTo(new ItsCommand.Vmovp(3, 1, 5, 3));
        assertThat(ItsCommand.decode(0x25, 0x0003_0000_0000L, 0, 0))
                .isEqualTo(new ItsCommand.Vsync(3));
        assertThat(ItsCommand.decode(0x2d, 0x0003_0000_0000L, 0, 0))
                .isEqualTo(new ItsCommand.Vinvall(3));
    }

    @Test
    void virtualCommandsEncodeToWhatTheyWereDecodedFrom() {
        for (int op : new int[] {0x21, 0x22, 0x25, 0x29, 0x2a, 0x2b, 0x2d}) {
            ItsCommand c = ItsCommand.decode(0xfedc_ba98_7654_3200L | op, -1, -1, -1);
            long[] w = c.encode();
            assertThat(ItsCommand.decode(w[0], w[1], w[2], w[3])).isEqualTo(c);
        }
    }

    @Test
    void everyOpcodeDecodes() {
        for (int op = 0; op < 256; op++) {
            ItsCommand command = ItsCommand.decode(0xffff_ffff_ffff_ff00L | op, -1, -1, -1);
            assertThat(command.opcode()).isEqualTo(op);
            assertThat(command.mnemonic()).isNotEmpty();
        }
    }
}
