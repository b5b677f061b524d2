package dev.belfry.qemu.script;

import dev.belfry.model.journey.Bytes;
import java.util.List;

/// What a script showed.
///
/// @param observations what each reading step read, in order
/// @param buffers what the buffer of each device that read memory holds at the end
public record ScriptOutcome(List<Observation> observations, List<Buffer> buffers) {

    public ScriptOutcome {
        observations = List.copyOf(observations);
        buffers = List.copyOf(buffers);
    }

    /// What one step read.
    ///
    /// @param step its place in the script, from 0
    /// @param bytes what it read, as in memory
    public record Observation(int step, Bytes bytes) {
        /// The first 8 bytes as a little-endian number.
        public long value() {
            long value = 0;
            for (int i = Math.min(8, bytes.length()) - 1; i >= 0; i--) {
                value = value << 8 | bytes.at(i);
            }
            return value;
        }
    }

    /// A device's buffer at the end.
    ///
    /// @param device which
    /// @param bytes all of it
    public record Buffer(int device, Bytes bytes) {}
}
