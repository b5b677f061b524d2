package dev.belfry.lab.explain;

import dev.belfry.lab.explain.ExplainReport.Event;
import dev.belfry.lab.explain.Messages.Message;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.OutputQueue;
import dev.belfry.model.smmu.spec.SmmuRegister.QueueBase;
import dev.belfry.model.system.SystemView.Function;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// The records that event queues still hold, and what their addresses mean.
final class EventHistory {

    private static final int MOST = 256;
    private static final long PAGE = 0xfff;
    private static final int TRANSLATER_IN_PAGE = 0x40;

    private final Inventory inventory;
    private final Streams streams;
    private final CommandHistory commands;
    private final Map<Long, Function> byStream = new HashMap<>();

    EventHistory(Inventory inventory, Streams streams, CommandHistory commands) {
        this.inventory = inventory;
        this.streams = streams;
        this.commands = commands;
        for (Function f : inventory.view().functions()) {
            Streams.Seen seen = streams.of(f.bdf());
            if (seen.smmu().isPresent()) {
                byStream.putIfAbsent(key(seen.smmu().getAsInt(), seen.streamId()), f);
            }
        }
    }

    private static long key(int smmu, int streamId) {
        return (long) smmu << 32 | (streamId & 0xffff_ffffL);
    }

    /// The records, newest first; those of `first` before all others.
    List<Event> told(Optional<Bdf> first) {
        List<Event> of = new ArrayList<>();
        List<Event> others = new ArrayList<>();
        for (int i = 0; i < inventory.view().smmus().size(); i++) {
            for (Ring.Entry e : ring(i).history(MOST).reversed()) {
                Event event = event(i, e);
                boolean wanted =
                        first.map(inventory.topology()::name)
                                .equals(event.device().or(() -> Optional.of("-")));
                (wanted ? of : others).add(event);
            }
        }
        of.addAll(others);
        return of;
    }

    private Ring ring(int smmu) {
        Smmu engine = inventory.walks().smmu(smmu);
        long base = engine.register(SmmuRegister.EVENTQ_BASE);
        return Ring.wrapping(
                inventory.memory(),
                QueueBase.ADDR.inPlace(base),
                EventRecord.BYTES / 8,
                QueueBase.LOG2SIZE.getInt(base),
                OutputQueue.WR.get(engine.register(SmmuRegister.EVENTQ_PROD)),
                OutputQueue.RD.get(engine.register(SmmuRegister.EVENTQ_CONS)));
    }

    private Event event(int smmu, Ring.Entry e) {
        EventRecord r = EventRecord.decode(e.word(0), e.word(1), e.word(2), e.word(3));
        Optional<Function> function = Optional.ofNullable(byStream.get(key(smmu, r.streamId())));
        return new Event(
                inventory.smmu(smmu).name(),
                e.index(),
                e.consumed(),
                r.type().label(r.code()),
                r.streamId(),
                function.map(f -> inventory.topology().name(f.bdf())),
                r.type().hasInputAddress()
                        ? OptionalLong.of(r.inputAddress())
                        : OptionalLong.empty(),
                e.bytes(),
                sentence(smmu, r, function));
    }

    private String sentence(int smmu, EventRecord r, Optional<Function> function) {
        String what = meaning(r.type());
        if (r.type().hasFetchAddress()) {
            what += " The fetch from " + Hex.of(r.fetchAddress()) + " was aborted.";
        }
        if (!r.type().hasInputAddress()) {
            return what;
        }
        String access = r.read() ? "A read of " : "A write to ";
        return access + Hex.of(r.inputAddress()) + ": " + what + address(smmu, r, function);
    }

    /// What the input address is.
    private String address(int smmu, EventRecord r, Optional<Function> function) {
        long address = r.inputAddress();
        Optional<Message> message =
                function.flatMap(f ->
                        inventory.messages().of(f).stream()
                                .filter(Message::programmed)
                                .filter(m -> (m.address() & ~3L) == (address & ~3L))
                                .findFirst());
        if (message.isPresent()) {
            return " This is the address of the device's messages: the fault is the lost"
                    + " interrupt.";
        }
        Doorbells.Place place = inventory.doorbells().at(address);
        if (place instanceof Doorbells.Place.Its || place instanceof Doorbells.Place.V2mFrame) {
            return " This is "
                    + place.name()
                    + " itself, which is not mapped for this device: the fault is a lost"
                    + " interrupt.";
        }
        OptionalInt unmapped = unmapped(smmu, r, function);
        if (unmapped.isPresent()) {
            return " It was unmapped lately: command %d of the queue invalidates it."
                    .formatted(unmapped.getAsInt());
        }
        if (Doorbells.inSwMsiWindow(address)) {
            return " It lies in the SW_MSI window (0x8000000, 1 MiB), where Linux maps a host's"
                    + " doorbells.";
        }
        if ((address & PAGE) == TRANSLATER_IN_PAGE && !r.read()) {
            return " Its offset in the page is that of GITS_TRANSLATER: it may be a doorbell of"
                    + " another domain.";
        }
        return address == 0 ? " Address 0: a descriptor or register that was never set." : "";
    }

    /// The last command that invalidates the address by its range, for this stream's ASID.
    private OptionalInt unmapped(int smmu, EventRecord r, Optional<Function> function) {
        OptionalInt asid = function.map(f -> asid(f, r.inputAddress())).orElse(OptionalInt.empty());
        for (CommandHistory.SmmuCommand c : commands.smmu().reversed()) {
            if (c.smmu() != smmu) {
                continue;
            }
            boolean hit =
                    switch (c.command()) {
                        case Command.TlbiNhVa t ->
                                asid.isPresent()
                                        && t.asid() == asid.getAsInt()
                                        && covers(t.span(), r.inputAddress());
                        case Command.TlbiNhVaa t -> covers(t.span(), r.inputAddress());
                        default -> false;
                    };
            if (hit) {
                return OptionalInt.of(c.entry().index());
            }
        }
        return OptionalInt.empty();
    }

    /// The ASID that the stream's context has now.
    private OptionalInt asid(Function function, long address) {
        Streams.Seen stream = streams.of(function.bdf());
        if (stream.smmu().isEmpty()) {
            return OptionalInt.empty();
        }
        return streams.write(stream, address).hops().stream()
                .map(h -> h.fields().get("ASID"))
                .filter(v -> v != null && v.matches("\\d+"))
                .mapToInt(Integer::parseInt)
                .findFirst();
    }

    private static boolean covers(Command.Span span, long address) {
        int granule = span.granuleBits() == 0 ? 12 : span.granuleBits();
        long count = span.tg() == 0 ? 1 : (long) (span.num() + 1) << Math.min(span.scale(), 39);
        return Long.compareUnsigned(address - span.address(), count << granule) < 0;
    }

    private static String meaning(EventType type) {
        return switch (type) {
            case F_TRANSLATION -> "no valid descriptor maps the address.";
            case F_PERMISSION -> "the descriptor does not allow the access.";
            case F_ACCESS -> "the descriptor's access flag is 0.";
            case F_ADDR_SIZE -> "an address on the way is out of range.";
            case F_WALK_EABT -> "the walk met an external abort.";
            case C_BAD_STREAMID -> "The stream table does not cover this StreamID.";
            case C_BAD_STE -> "The stream table entry is not valid or ILLEGAL.";
            case C_BAD_CD -> "The context descriptor is not valid or ILLEGAL.";
            case C_BAD_SUBSTREAMID -> "The SubstreamID is out of range or has no descriptor.";
            case F_STE_FETCH -> "The stream table entry could not be read.";
            case F_CD_FETCH -> "The context descriptor could not be read.";
            case F_STREAM_DISABLED -> "The stream has no context without a SubstreamID.";
            case F_UUT -> "an unsupported upstream transaction.";
            case F_BAD_ATS_TREQ -> "an ATS request that is not allowed.";
            case F_TRANSL_FORBIDDEN -> "a translated access that is not allowed.";
            case F_TLB_CONFLICT -> "conflicting TLB entries.";
            case F_CFG_CONFLICT -> "Conflicting cached configuration.";
            case E_PAGE_REQUEST -> "a hint that a page will be used.";
            case F_VMS_FETCH -> "The VMS could not be read.";
            case IMPDEF -> "An IMPLEMENTATION DEFINED event.";
            case RESERVED -> "An event number that is not defined.";
        };
    }
}
