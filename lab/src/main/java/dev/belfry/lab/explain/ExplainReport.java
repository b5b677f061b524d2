package dev.belfry.lab.explain;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What was found. JSON keys follow the component names (docs/json.md).
///
/// @param source what was looked at, and through what
/// @param notes what could not be read, what was assumed
/// @param functions every PCI function, or the one asked for
/// @param vectors their vectors
/// @param dma the walk that was asked for
/// @param iovaMap the stage 1 that was asked for
/// @param events SMMU events, those of the asked-for stream first, newest first
/// @param commands commands of SMMU and ITS queues, oldest first
/// @param findings what is wrong, or soon will be, without a broken hop
/// @param changes what changed while it was read
public record ExplainReport(
        String source,
        List<String> notes,
        List<Function> functions,
        List<Vector> vectors,
        Optional<Dma> dma,
        Optional<Stage1> iovaMap,
        List<Event> events,
        List<Command> commands,
        List<Finding> findings,
        List<Change> changes) {

    /// Whether nothing of what was asked for is lost: the walk of an address, or else any vector.
    public boolean allWell() {
        return dma.isPresent()
                ? dma.get().stoppedAt().isEmpty()
                : iovaMap.isPresent() || vectors.stream().noneMatch(v -> v.state().isBroken());
    }

    /// The same with more findings.
    public ExplainReport with(List<Finding> more) {
        List<Finding> all = new ArrayList<>(findings);
        all.addAll(more);
        return new ExplainReport(
                source, notes, functions, vectors, dma, iovaMap, events, commands, all, changes);
    }

    /// What became of a vector.
    public enum State {
        /// It arrives.
        DELIVERED,
        /// It is lost at a hop.
        LOST,
        /// Its driver holds it back.
        MASKED,
        /// It was never programmed.
        UNUSED,
        /// Something on its way could not be read.
        UNKNOWN;

        /// Whether something is wrong.
        public boolean isBroken() {
            return this == LOST;
        }
    }

    /// A PCI function.
    ///
    /// @param device BDF
    /// @param vendorId 16 bits
    /// @param deviceId 16 bits
    /// @param classCode base class and sub-class, 16 bits
    /// @param interrupts `MSI-X 3 of 65`, `MSI off`, `none`
    /// @param requesterId as it reaches the root
    /// @param smmu the SMMU that sees it
    /// @param streamId its StreamID there
    /// @param policy what the stream table says: `stage 1`, `bypass`, `abort`, `no SMMU`
    /// @param itsDeviceId its DeviceID at the ITS, if an ITS takes its messages
    public record Function(
            String device,
            int vendorId,
            int deviceId,
            int classCode,
            String interrupts,
            int requesterId,
            Optional<String> smmu,
            OptionalLong streamId,
            String policy,
            OptionalLong itsDeviceId) {}

    /// One vector's way.
    ///
    /// @param device BDF
    /// @param vector index
    /// @param state what becomes of it
    /// @param masked by its entry or its function
    /// @param stoppedAt kind of the first broken hop
    /// @param sentence one sentence that tells it
    /// @param symptom how a user notices; empty when all is well
    /// @param expected what would have to be there; empty when all is well
    /// @param address message address
    /// @param data message data
    /// @param doorbell where the message goes, in words
    /// @param policy of its stream
    /// @param intId LPI or SPI
    /// @param cpu who takes it
    /// @param hops all hops; empty when they were not asked for
    public record Vector(
            String device,
            int vector,
            State state,
            boolean masked,
            Optional<HopKind> stoppedAt,
            String sentence,
            String symptom,
            String expected,
            long address,
            int data,
            String doorbell,
            String policy,
            OptionalInt intId,
            OptionalInt cpu,
            List<Hop> hops) {

        /// Whether a message sent now reaches a CPU.
        public boolean delivered() {
            return state == State.DELIVERED;
        }
    }

    /// The walk of an address.
    ///
    /// @param device BDF
    /// @param pasid with which it was sent
    /// @param address as the device sends it
    /// @param write whether it writes
    /// @param output physical address; empty when it does not come that far
    /// @param stoppedAt kind of the first broken hop
    /// @param sentence one sentence that tells it
    /// @param hops all hops
    public record Dma(
            String device,
            OptionalInt pasid,
            long address,
            boolean write,
            OptionalLong output,
            Optional<HopKind> stoppedAt,
            String sentence,
            List<Hop> hops) {}

    /// A device's whole stage 1.
    ///
    /// @param device BDF
    /// @param pasid whose; empty for the one without
    /// @param policy of its stream
    /// @param ranges in ascending order
    /// @param pasids those that have a context of their own
    /// @param complete false when there is more than was listed
    public record Stage1(
            String device,
            OptionalInt pasid,
            String policy,
            List<Range> ranges,
            List<Integer> pasids,
            boolean complete) {}

    /// Addresses that are mapped alike.
    ///
    /// @param iova first address
    /// @param size in bytes
    /// @param output where the first one goes
    /// @param access `rw`, `r`, `w`, `none`
    /// @param attributes memory type and shareability
    /// @param what it is: `RAM`, `ITS doorbell`, …
    public record Range(
            long iova, long size, long output, String access, String attributes, String what) {}

    /// An SMMU event.
    ///
    /// @param smmu whose queue it was in
    /// @param index its place in the queue
    /// @param consumed whether software has taken it
    /// @param type `F_TRANSLATION`
    /// @param streamId of the record
    /// @param device who has this StreamID, if it is known
    /// @param address input address, if the type has one
    /// @param bytes the record
    /// @param sentence what it means
    public record Event(
            String smmu,
            int index,
            boolean consumed,
            String type,
            int streamId,
            Optional<String> device,
            OptionalLong address,
            Bytes bytes,
            String sentence) {}

    /// A command.
    ///
    /// @param queue the SMMU's or ITS's name
    /// @param index its place in the queue
    /// @param consumed whether the hardware has taken it
    /// @param name as the specification spells it
    /// @param id StreamID or DeviceID it is about, if it is about one
    /// @param fields its parameters
    /// @param bytes as queued
    public record Command(
            String queue,
            int index,
            boolean consumed,
            String name,
            OptionalLong id,
            Map<String, String> fields,
            Bytes bytes) {

        /// Whether it is about many StreamIDs, of which this is one.
        boolean covers(long streamId) {
            String log2 = fields.get("Range");
            if (log2 == null || id.isEmpty()) {
                return false;
            }
            int bits = Math.min(32, Integer.parseInt(log2) + 1);
            return id.getAsLong() >>> bits == streamId >>> bits;
        }
    }

    /// Something wrong, or about to go wrong, without a broken hop.
    ///
    /// @param rule short name, stable
    /// @param severity `error`, `warning` or `note`
    /// @param device whom it is about; empty for the machine
    /// @param message what was seen
    /// @param why what follows from it, with its source
    public record Finding(
            String rule, String severity, Optional<String> device, String message, String why) {}

    /// Something that was not the same when it was read again.
    ///
    /// @param address physical
    /// @param before what was read first
    /// @param after what was there later
    public record Change(long address, Bytes before, Bytes after) {}
}
