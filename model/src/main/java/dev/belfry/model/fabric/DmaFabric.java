package dev.belfry.model.fabric;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.pci.DmaPort;
import dev.belfry.model.smmu.Access;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.Translation;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/// What lies between a root bus and memory: an SMMU or none, the id maps, and the doorbells.
///
/// @param smmu the SMMU that the root bus is behind; without one, addresses are physical
/// @param streamIds requester id to StreamID
/// @param deviceIds requester id to DeviceID, which the ITS sees beside the write
/// @param memory the physical address space
/// @param doorbells frames where a write becomes an interrupt, for the journey
/// @param probe who watches
public record DmaFabric(
        Optional<Smmu> smmu,
        IntUnaryOperator streamIds,
        IntUnaryOperator deviceIds,
        PhysicalMemory memory,
        List<Doorbell> doorbells,
        Probe probe)
        implements DmaPort {

    /// log2 of the bytes that a cached translation is good for at least.
    private static final int SMALLEST_BLOCK = 12;

    public DmaFabric {
        doorbells = List.copyOf(doorbells);
    }

    @Override
    public boolean read(int requester, long address, byte[] into) {
        return transfer(requester, address, into, Access.READ);
    }

    @Override
    public boolean write(int requester, long address, byte[] from) {
        return transfer(requester, address, from, Access.WRITE);
    }

    private boolean transfer(int requester, long address, byte[] data, Access access) {
        int done = 0;
        while (done < data.length) {
            long at = address + done;
            long pa = cached(requester, at, access);
            int blockBits = SMALLEST_BLOCK;
            if (pa < 0) {
                if (!(translate(requester, at, access) instanceof Translation.Mapped mapped)) {
                    return false;
                }
                pa = mapped.pa();
                blockBits = mapped.blockBits();
            }
            int n = within(at, data.length - done, blockBits);
            boolean moved =
                    access.isWrite()
                            ? store(requester, pa, data, done, n)
                            : memory.readBytes(pa, data, done, n);
            if (!moved) {
                return false;
            }
            done += n;
        }
        return true;
    }

    /// Where the access goes if the TLB knows; a negative number if not.
    private long cached(int requester, long address, Access access) {
        return smmu.isEmpty()
                ? -1
                : smmu.get()
                        .translateCached(
                                streamIds.applyAsInt(requester),
                                Smmu.NO_SUBSTREAM,
                                address,
                                access);
    }

    private Translation translate(int requester, long address, Access access) {
        if (smmu.isEmpty()) {
            return new Translation.Mapped(address, 64, true);
        }
        int stream = streamIds.applyAsInt(requester);
        if (probe.on()) {
            probe.observe(
                    Observation.of(HopKind.STREAM_ID)
                            .hex("requesterId", requester)
                            .hex("streamId", stream)
                            .hex("address", address)
                            .field("write", access.isWrite())
                            .ok("the requester id is mapped to this StreamID"));
        }
        return smmu.get().translate(stream, Smmu.NO_SUBSTREAM, address, access);
    }

    /// Bytes up to the end of the translated block.
    private static int within(long address, int wanted, int blockBits) {
        long left = Bits.lowMask(blockBits) - (address & Bits.lowMask(blockBits));
        return Long.compareUnsigned(left, wanted) < 0 ? (int) left + 1 : wanted;
    }

    private boolean store(int requester, long pa, byte[] from, int offset, int length) {
        if (length == 4 && (pa & 3) == 0) {
            if (probe.on()) {
                probe.observe(doorbell(pa));
            }
            return memory.write(pa, 4, word(from, offset), deviceIds.applyAsInt(requester));
        }
        return memory.writeBytes(pa, from, offset, length);
    }

    private Observation doorbell(long pa) {
        for (Doorbell d : doorbells) {
            if (pa == d.register()) {
                return Observation.of(HopKind.DOORBELL)
                        .address(pa)
                        .field("doorbell", d.name())
                        .ok("the write arrives at " + d.name());
            }
            if (d.covers(pa)) {
                return Observation.of(HopKind.DOORBELL)
                        .address(pa)
                        .field("doorbell", d.name())
                        .broken(
                                "the address lies in the frame of "
                                        + d.name()
                                        + " but is not the doorbell, which is "
                                        + Hex.of(d.register())
                                        + ": the write is no interrupt");
            }
        }
        return memory.accepts(pa, 4)
                ? Observation.of(HopKind.DOORBELL)
                        .address(pa)
                        .broken("this is memory or another device, not a doorbell")
                : Observation.of(HopKind.DOORBELL)
                        .address(pa)
                        .broken("nothing answers here: the write is aborted");
    }

    private static long word(byte[] from, int offset) {
        byte[] b = Arrays.copyOfRange(from, offset, offset + 4);
        return (b[0] & 0xffL) | (b[1] & 0xffL) << 8 | (b[2] & 0xffL) << 16 | (b[3] & 0xffL) << 24;
    }
}
