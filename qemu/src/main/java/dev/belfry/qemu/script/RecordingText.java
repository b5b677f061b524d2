package dev.belfry.qemu.script;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.SmmuIdentity.Stages;
import dev.belfry.qemu.script.Recording.Case;
import dev.belfry.qemu.script.ScriptMachine.Region;
import dev.belfry.qemu.script.ScriptOutcome.Buffer;
import dev.belfry.qemu.script.ScriptOutcome.Observation;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.StringJoiner;

/// A [Recording] as text (docs/recordings.md): a head, then each script as [ScriptText] has it,
/// with what each reading step read after it.
public final class RecordingText {

    private static final String MAGIC = "belfry-recording 1";
    private static final int ID_REGISTERS = 8;
    private static final String SEEN = "= ";

    private RecordingText() {}

    /// The text of a recording.
    public static String write(Recording recording) {
        StringBuilder out = new StringBuilder(MAGIC + "\n");
        SmmuIdentity id = recording.identity();
        ScriptMachine m = recording.machine();
        out.append("qemu ").append(recording.version()).append('\n');
        StringJoiner registers = new StringJoiner(" ", "identity ", "\n");
        for (int r : registers(id)) {
            registers.add(Hex.of(r & 0xffff_ffffL));
        }
        out.append(registers);
        out.append("stages ").append(m.stages()).append('\n');
        out.append("bus ").append(m.busBits()).append('\n');
        out.append("ram ").append(Hex.of(m.ramBase())).append(' ');
        out.append(Hex.of(m.ramSize())).append('\n');
        m.streamIds().forEach(s -> out.append("stream ").append(Hex.of(s)).append('\n'));
        for (Region r : m.others()) {
            out.append("other ").append(Hex.of(r.first())).append(' ');
            out.append(Hex.of(r.last())).append('\n');
        }
        recording.cases().forEach(c -> write(c, out));
        return out.toString();
    }

    private static int[] registers(SmmuIdentity id) {
        return new int[] {
            id.idr0(), id.idr1(), id.idr2(), id.idr3(), id.idr4(), id.idr5(), id.iidr(), id.aidr()
        };
    }

    private static void write(Case c, StringBuilder out) {
        out.append("script ").append(c.script().name()).append('\n');
        Iterator<Observation> seen = c.outcome().observations().iterator();
        for (Step step : c.script().steps()) {
            out.append(ScriptText.line(step)).append('\n');
            if (step instanceof Step.ReadMemory || step instanceof Step.ReadRegister) {
                Bytes bytes = seen.next().bytes();
                out.append(SEEN).append(packed(bytes)).append('\n');
            }
        }
        for (Buffer b : c.outcome().buffers()) {
            Bytes initial = ScriptDevice.initial(b.device());
            out.append("buffer ").append(b.device()).append(' ');
            out.append(packed(difference(b.bytes(), initial))).append('\n');
        }
    }

    /// Byte by byte, what is other than in `from`, by exclusive or.
    private static Bytes difference(Bytes bytes, Bytes from) {
        byte[] out = bytes.toArray();
        for (int i = 0; i < out.length; i++) {
            out[i] ^= (byte) from.at(i);
        }
        return Bytes.of(out);
    }

    /// Hexadecimal, runs of four zeros and more as `*` and their length.
    private static String packed(Bytes bytes) {
        StringBuilder out = new StringBuilder();
        int at = 0;
        while (at < bytes.length()) {
            int end = at;
            while (end < bytes.length() && bytes.at(end) == 0) {
                end++;
            }
            if (end - at >= 4) {
                out.append('*').append(end - at).append(',');
                at = end;
            } else {
                out.append(HexFormat.of().toHexDigits((byte) bytes.at(at)));
                at++;
            }
        }
        return out.toString();
    }

    private static Bytes unpacked(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 0; at < text.length(); ) {
            if (text.charAt(at) == '*') {
                int comma = text.indexOf(',', at);
                int zeros = ScriptText.small(text.substring(at + 1, comma), 4, 1 << 20);
                out.writeBytes(new byte[zeros]);
                at = comma + 1;
            } else {
                out.write(HexFormat.fromHexDigits(text, at, at + 2));
                at += 2;
            }
        }
        return Bytes.of(out.toByteArray());
    }

    /// A recording from its text.
    ///
    /// @throws IllegalArgumentException when a line cannot be read; the message names it
    public static Recording parse(String text) {
        return new Reader(text.lines().iterator()).read();
    }

    private static final class Reader {
        private final Iterator<String> lines;
        private int number;
        private String version = "";
        private final int[] id = new int[ID_REGISTERS];
        private Stages stages = Stages.ONE;
        private int busBits = 48;
        private long ramBase;
        private long ramSize;
        private final List<Integer> streams = new ArrayList<>();
        private final List<Region> others = new ArrayList<>();
        private final List<Case> cases = new ArrayList<>();
        private String name = "";
        private final List<Step> steps = new ArrayList<>();
        private final List<Observation> seen = new ArrayList<>();
        private final List<Buffer> buffers = new ArrayList<>();

        Reader(Iterator<String> lines) {
            this.lines = lines;
        }

        Recording read() {
            if (!lines.hasNext() || !lines.next().equals(MAGIC)) {
                throw new IllegalArgumentException("it does not begin with '" + MAGIC + "'");
            }
            number = 1;
            while (lines.hasNext()) {
                number++;
                String line = lines.next();
                try {
                    line(line);
                } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                    throw new IllegalArgumentException("line " + number + " cannot be read", e);
                }
            }
            endCase();
            SmmuIdentity identity =
                    new SmmuIdentity(
                            "as recorded", id[0], id[1], id[2], id[3], id[4], id[5], id[6], id[7]);
            return new Recording(
                    version,
                    identity,
                    new ScriptMachine(stages, streams, ramBase, ramSize, busBits, others),
                    cases);
        }

        private void line(String line) {
            String[] w = line.split(" ", -1);
            switch (w[0]) {
                case "qemu" -> version = w[1];
                case "identity" -> {
                    for (int i = 0; i < ID_REGISTERS; i++) {
                        id[i] = (int) ScriptText.number(w[i + 1]);
                    }
                }
                case "stages" -> stages = Stages.valueOf(w[1]);
                case "bus" -> busBits = ScriptText.small(w[1], 1, 64);
                case "ram" -> {
                    ramBase = ScriptText.number(w[1]);
                    ramSize = ScriptText.number(w[2]);
                }
                case "stream" -> streams.add(ScriptText.small(w[1], 0, Integer.MAX_VALUE));
                case "other" ->
                        others.add(new Region(ScriptText.number(w[1]), ScriptText.number(w[2])));
                case "script" -> {
                    endCase();
                    name = line.substring("script ".length());
                }
                case "=" -> seen.add(new Observation(steps.size() - 1, unpacked(w[1])));
                case "buffer" -> {
                    int device = ScriptText.small(w[1], 0, 15);
                    Bytes change = unpacked(w[2]);
                    buffers.add(
                            new Buffer(device, difference(change, ScriptDevice.initial(device))));
                }
                default -> steps.add(ScriptText.step(w));
            }
        }

        private void endCase() {
            if (!steps.isEmpty()) {
                cases.add(new Case(new SmmuScript(name, steps), new ScriptOutcome(seen, buffers)));
            }
            steps.clear();
            seen.clear();
            buffers.clear();
        }
    }
}
