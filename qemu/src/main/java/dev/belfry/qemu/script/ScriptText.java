package dev.belfry.qemu.script;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Bytes;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// Scripts as text, one step a line; `#` starts a comment.
public final class ScriptText {

    private static final String NAME = "# script: ";

    private ScriptText() {}

    /// The text of a script.
    ///
    /// @param remarks lines that go in front as comments
    public static String write(SmmuScript script, List<String> remarks) {
        StringBuilder out = new StringBuilder(NAME + script.name() + "\n");
        remarks.forEach(r -> out.append("# ").append(r.replace('\n', ' ')).append('\n'));
        script.steps().forEach(step -> out.append(line(step)).append('\n'));
        return out.toString();
    }

    static String line(Step step) {
        return switch (step) {
            case Step.WriteMemory w ->
                    "write-memory "
                            + Hex.of(w.address())
                            + " "
                            + HexFormat.of().formatHex(w.bytes().toArray());
            case Step.ReadMemory r -> "read-memory " + Hex.of(r.address()) + " " + r.length();
            case Step.WriteRegister w ->
                    "write-register "
                            + Hex.of(w.offset())
                            + " "
                            + w.width()
                            + " "
                            + Hex.of(w.value());
            case Step.ReadRegister r -> "read-register " + Hex.of(r.offset()) + " " + r.width();
            case Step.DmaRead d -> dma("dma-read", d.device(), d.address(), d.length(), d.at());
            case Step.DmaWrite d -> dma("dma-write", d.device(), d.address(), d.length(), d.at());
        };
    }

    private static String dma(String what, int device, long address, int length, int at) {
        return what + " " + device + " " + Hex.of(address) + " " + length + " " + at;
    }

    /// A script from its text.
    ///
    /// @throws IllegalArgumentException when a line cannot be read; the message names it
    public static SmmuScript parse(String text) {
        List<Step> steps = new ArrayList<>();
        String name = "script";
        int number = 0;
        for (String line : text.split("\\R", -1)) {
            number++;
            if (line.startsWith(NAME)) {
                name = line.substring(NAME.length()).strip();
            }
            int comment = line.indexOf('#');
            String plain = (comment < 0 ? line : line.substring(0, comment)).strip();
            if (!plain.isEmpty()) {
                steps.add(step(plain.split("\\s+"), number));
            }
        }
        return new SmmuScript(name, steps);
    }

    private static Step step(String[] words, int number) {
        try {
            return step(words);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException(
                    "line " + number + ": not a step: " + String.join(" ", words), e);
        }
    }

    static Step step(String[] w) {
        return switch (w[0]) {
            case "write-memory" ->
                    new Step.WriteMemory(number(w[1]), Bytes.of(HexFormat.of().parseHex(w[2])));
            case "read-memory" -> new Step.ReadMemory(number(w[1]), small(w[2], 1, 1 << 20));
            case "write-register" ->
                    new Step.WriteRegister(small(w[1], 0, 0x1ffff), width(w[2]), number(w[3]));
            case "read-register" -> new Step.ReadRegister(small(w[1], 0, 0x1ffff), width(w[2]));
            case "dma-read" ->
                    new Step.DmaRead(
                            small(w[1], 0, 15),
                            number(w[2]),
                            small(w[3], 1, 4095),
                            small(w[4], 0, 4094));
            case "dma-write" ->
                    new Step.DmaWrite(
                            small(w[1], 0, 15),
                            number(w[2]),
                            small(w[3], 1, 4095),
                            small(w[4], 0, 4094));
            default -> throw new IllegalArgumentException(w[0]);
        };
    }

    static long number(String word) {
        return word.startsWith("0x")
                ? Long.parseUnsignedLong(word.substring(2), 16)
                : Long.parseLong(word);
    }

    private static int width(String word) {
        int width = small(word, 4, 8);
        if (width != 4 && width != 8) {
            throw new IllegalArgumentException("width " + width);
        }
        return width;
    }

    static int small(String word, int min, int max) {
        long value = number(word);
        if (value < min || value > max) {
            throw new IllegalArgumentException(word);
        }
        return (int) value;
    }
}
