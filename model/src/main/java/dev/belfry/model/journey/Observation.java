package dev.belfry.model.journey;

import dev.belfry.model.bits.Hex;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/// What a component read and decided at one hop. The component does not know on which side of the
/// house it works; [JourneyRecorder#at] adds that.
///
/// @param kind which hop
/// @param address where the structure was read, or empty when the hop has no address
/// @param bytes what was read there
/// @param fields decoded fields under the specification's names, in its order
/// @param verdict what it means for the transaction
/// @param rule one sentence: why, with the clause of the specification or the kernel's rule
public record Observation(
        HopKind kind,
        OptionalLong address,
        Bytes bytes,
        Map<String, String> fields,
        Verdict verdict,
        String rule) {

    public Observation {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /// The same facts, judged by somebody who knows more.
    public Observation judged(Verdict otherVerdict, String otherRule) {
        return new Observation(kind, address, bytes, fields, otherVerdict, otherRule);
    }

    /// Starts an observation of `kind`; verdict OK until said otherwise.
    public static Builder of(HopKind kind) {
        return new Builder(kind);
    }

    /// Collects an observation's parts.
    public static final class Builder {
        private final HopKind kind;
        private final Map<String, String> fields = new LinkedHashMap<>();
        private OptionalLong address = OptionalLong.empty();
        private Bytes bytes = Bytes.NONE;

        private Builder(HopKind kind) {
            this.kind = kind;
        }

        /// Where it was read.
        public Builder read(long address, Bytes bytes) {
            this.address = OptionalLong.of(address);
            this.bytes = bytes;
            return this;
        }

        /// An address without bytes: a doorbell, a frame.
        public Builder address(long address) {
            this.address = OptionalLong.of(address);
            return this;
        }

        /// A decoded field.
        public Builder field(String name, String value) {
            fields.put(name, value);
            return this;
        }

        /// A decoded field that is a count or an enumeration value, decimal.
        public Builder field(String name, int value) {
            return field(name, Integer.toString(value));
        }

        /// A decoded field that is a flag: `1` or `0`.
        public Builder field(String name, boolean value) {
            return field(name, value ? "1" : "0");
        }

        /// A decoded field that is an address or a register word.
        public Builder hex(String name, long value) {
            return field(name, Hex.of(value));
        }

        /// Decoded fields of a structure, in its order.
        public Builder fields(Map<String, String> more) {
            fields.putAll(more);
            return this;
        }

        /// The transaction passes here.
        public Observation ok(String rule) {
            return new Observation(kind, address, bytes, fields, Verdict.OK, rule);
        }

        /// The transaction stops here.
        public Observation broken(String rule) {
            return new Observation(kind, address, bytes, fields, Verdict.BROKEN, rule);
        }

        /// The hop takes no part.
        public Observation skipped(String rule) {
            return new Observation(kind, address, bytes, fields, Verdict.SKIPPED, rule);
        }

        /// The hop could not be read, or is not understood.
        public Observation unknown(String rule) {
            return new Observation(kind, address, bytes, fields, Verdict.UNKNOWN, rule);
        }
    }
}
