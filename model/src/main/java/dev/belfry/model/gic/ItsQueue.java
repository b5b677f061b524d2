package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.GitsCbaser;
import dev.belfry.model.gic.spec.ItsCommand;
import dev.belfry.model.gic.spec.ItsCommandError;
import dev.belfry.model.memory.PhysicalMemory;
import java.util.ArrayDeque;
import java.util.List;

/// The command queue: takes commands from GITS_CREADR up to GITS_CWRITER, in order.
final class ItsQueue {

    private static final int REMEMBERED = 64;

    private final ItsIdentity identity;
    private final PhysicalMemory memory;
    private final ItsCommands commands;
    private final TranslationCache cache;
    private final ArrayDeque<Its.FailedCommand> failed = new ArrayDeque<>();

    ItsQueue(
            ItsIdentity identity,
            PhysicalMemory memory,
            ItsCommands commands,
            TranslationCache cache) {
        this.identity = identity;
        this.memory = memory;
        this.commands = commands;
        this.cache = cache;
    }

    /// The last commands that failed, oldest first.
    List<Its.FailedCommand> failed() {
        return List.copyOf(failed);
    }

    void forget() {
        failed.clear();
    }

    /// Does what is queued. At most one turn of the queue, since the writer does not move
    /// meanwhile.
    void run(ItsRegisters registers, ItsLookup look) {
        GitsCbaser cbaser = registers.cbaser();
        int size = cbaser.bytes();
        int writer = registers.writer();
        if (!cbaser.valid() || writer >= size || registers.reader() >= size) {
            return;
        }
        if (registers.stalled() && !identity.has(ItsChoice.RETRIES_WHEN_RUNG)) {
            return;
        }
        while (registers.reader() != writer) {
            int at = registers.reader();
            if (stalls(one(cbaser.address() + at, look))) {
                registers.stall();
                return;
            }
            registers.advance(at + ItsCommand.BYTES == size ? 0 : at + ItsCommand.BYTES);
        }
    }

    private boolean stalls(ItsCommandError error) {
        return (error == ItsCommandError.MEMORY && identity.has(ItsChoice.STALLS_ON_MEMORY))
                || (error != ItsCommandError.NONE && identity.has(ItsChoice.STALLS_ON_ERRORS));
    }

    private ItsCommandError one(long address, ItsLookup look) {
        if (!memory.accepts(address, ItsCommand.BYTES)) {
            return ItsCommandError.MEMORY;
        }
        ItsCommand command =
                ItsCommand.decode(
                        memory.read(address, 8),
                        memory.read(address + 8, 8),
                        memory.read(address + 16, 8),
                        memory.read(address + 24, 8));
        ItsCommandError error = commands.execute(command, look);
        if (changesTranslations(command)) {
            cache.invalidate();
        }
        if (error != ItsCommandError.NONE) {
            if (failed.size() == REMEMBERED) {
                failed.removeFirst();
            }
            failed.addLast(new Its.FailedCommand(address, command, error));
        }
        return error;
    }

    private boolean changesTranslations(ItsCommand command) {
        return switch (command) {
            case ItsCommand.Mapti _, ItsCommand.Mapi _ -> !identity.has(ItsChoice.KEEPS_MAPPINGS);
            case ItsCommand.Mapd _,
                    ItsCommand.Mapc _,
                    ItsCommand.Movi _,
                    ItsCommand.Movall _,
                    ItsCommand.Discard _,
                    ItsCommand.Vmapti _,
                    ItsCommand.Vmapi _ ->
                    true;
            case ItsCommand.Inv _,
                    ItsCommand.Invall _,
                    ItsCommand.Int _,
                    ItsCommand.Clear _,
                    ItsCommand.Sync _,
                    ItsCommand.Vmapp _,
                    ItsCommand.Vmovi _,
                    ItsCommand.Vmovp _,
                    ItsCommand.Vsync _,
                    ItsCommand.Vinvall _,
                    ItsCommand.Unknown _ ->
                    false;
        };
    }
}
