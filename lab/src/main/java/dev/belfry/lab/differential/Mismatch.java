package dev.belfry.lab.differential;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Bytes;

/// An observation on which QEMU and the model differ and no known difference says why.
///
/// @param where which observation
/// @param qemu what QEMU showed
/// @param model what the model showed
/// @param expected what a QEMU with the known differences would have shown
/// @param architecture what the second opinion on the architecture says
public record Mismatch(String where, Bytes qemu, Bytes model, Bytes expected, Bytes architecture) {

    private static final int AROUND = 16;

    /// What it is about, the same for scripts that show it in other places: what is looked at, and
    /// the first byte that differs on both sides.
    String kind() {
        int at = first();
        String what = where.substring(where.indexOf(',') + 1);
        return what + at + ":" + qemu.at(at) + ":" + model.at(at);
    }

    /// The first byte that nothing explains.
    private int first() {
        int length = Math.min(qemu.length(), model.length());
        for (int at = 0; at < length; at++) {
            boolean same = qemu.at(at) == model.at(at);
            boolean known = qemu.at(at) == expected.at(at) && model.at(at) == architecture.at(at);
            if ((!same && !known) || (same && qemu.at(at) != expected.at(at))) {
                return at;
            }
        }
        return 0;
    }

    /// One line: where, and the first bytes that differ.
    public String sentence() {
        int at = first();
        int from = at & -8;
        return where
                + ", byte "
                + Hex.of(at)
                + ": QEMU "
                + part(qemu, from)
                + "; model "
                + part(model, from)
                + "; QEMU as known "
                + part(expected, from)
                + "; architecture "
                + part(architecture, from);
    }

    private static String part(Bytes bytes, int from) {
        StringBuilder out = new StringBuilder();
        for (int i = from; i < Math.min(from + AROUND, bytes.length()); i++) {
            out.append(Character.forDigit(bytes.at(i) >> 4, 16))
                    .append(Character.forDigit(bytes.at(i) & 0xf, 16));
        }
        return out.toString();
    }
}
