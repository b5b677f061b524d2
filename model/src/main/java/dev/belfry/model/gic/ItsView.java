package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.Gicr;
import dev.belfry.model.gic.spec.GicrTyper;
import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.gic.spec.GitsBaser;
import dev.belfry.model.gic.spec.GitsTyper;
import dev.belfry.model.gic.spec.ItsTableFormat;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.system.SystemView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// An ITS of another system, alive or captured, by its registers and the memory behind them: one
/// look, so registers are read once. Looking writes nothing.
public final class ItsView {

    private final SystemView.Frame frame;
    private final PhysicalMemory memory;
    private final ItsTableFormat format;
    private final List<SystemView.Frame> redistributors;
    private final Map<Integer, RedistributorView> byNumber = new HashMap<>();
    private @Nullable ItsLookup lookup;

    ItsView(
            SystemView.Frame frame,
            PhysicalMemory memory,
            ItsTableFormat format,
            List<SystemView.Frame> redistributors) {
        this.frame = frame;
        this.memory = memory;
        this.format = format;
        this.redistributors = List.copyOf(redistributors);
    }

    /// What would become of a message now.
    ///
    /// @param deviceId DeviceID, unsigned 32-bit
    /// @param eventId EventID, unsigned 32-bit
    /// @param probe is told the hops ITS, DTE, ITE, CTE, LPI and REDISTRIBUTOR up to the first
    ///   broken one
    public MsiResult inspect(int deviceId, int eventId, Probe probe) {
        return new ItsWalk(frame, lookup(), this::redistributor, true, probe)
                .run(deviceId, eventId);
    }

    /// Registers are read when the first message is looked at, and once.
    private ItsLookup lookup() {
        ItsLookup known = lookup;
        if (known == null) {
            GitsTyper typer = new GitsTyper(register(Gits.GITS_TYPER.offset()));
            ItsTables tables =
                    new ItsTables(
                            memory,
                            format,
                            typer,
                            table(GitsBaser.Type.DEVICES),
                            table(GitsBaser.Type.COLLECTIONS),
                            table(GitsBaser.Type.VPES));
            known = new MemoryLookup(tables, redistributors.size(), typer.virtual());
            lookup = known;
        }
        return known;
    }

    private long register(int offset) {
        OptionalLong value = frame.registers().read64(offset);
        return value.orElse(0);
    }

    private GitsBaser table(GitsBaser.Type type) {
        for (int n = 0; n < Gits.GITS_BASER.count(); n++) {
            GitsBaser baser = new GitsBaser(register(Gits.GITS_BASER.at(n)));
            if (baser.type() == type) {
                return baser;
            }
        }
        return new GitsBaser(0);
    }

    private RedistributorView redistributor(int processorNumber) {
        return byNumber.computeIfAbsent(processorNumber, this::find);
    }

    private RedistributorView find(int processorNumber) {
        SystemView.Frame found = redistributors.get(processorNumber);
        for (SystemView.Frame f : redistributors) {
            OptionalLong typer = f.registers().read64(Gicr.GICR_TYPER.offset());
            if (typer.isPresent()
                    && new GicrTyper(typer.getAsLong()).processorNumber() == processorNumber) {
                found = f;
            }
        }
        return CapturedRedistributor.of(found, memory);
    }
}
