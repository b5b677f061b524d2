package dev.belfry.lab.differential;

import dev.belfry.lab.InputError;
import dev.belfry.lab.Progress;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.process.QemuProcess;
import dev.belfry.qemu.script.Recording;
import dev.belfry.qemu.script.ScriptText;
import dev.belfry.qemu.script.SmmuScript;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Runs scripts on real QEMUs and on the model, and says where they differ.
public final class FuzzLab {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private FuzzLab() {}

    /// Whether there is a QEMU to compare with.
    public static boolean possible() {
        return QemuProcess.find().isPresent();
    }

    /// Runs the scripts of a range of seeds.
    ///
    /// @throws InputError when there is no QEMU, or it does not work
    public static FuzzReport run(FuzzRequest request, Progress progress) throws InputError {
        KnownDifferences known = KnownDifferences.bundled();
        FuzzTally tally = new FuzzTally(request, progress);
        try (ExecutorService pool = Executors.newFixedThreadPool(request.processes())) {
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < request.processes(); i++) {
                workers.add(pool.submit(() -> work(request, known, tally)));
            }
            for (Future<?> worker : workers) {
                worker.get();
            }
        } catch (ExecutionException e) {
            throw unusable(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unusable(e);
        }
        return tally.report();
    }

    /// Runs the script in a file again.
    ///
    /// @throws InputError when the file holds no script, or there is no QEMU that works
    public static FuzzReport replay(Path file, FuzzRequest.Peer qemu, Progress progress)
            throws InputError {
        SmmuScript script = read(file);
        FuzzTally tally = new FuzzTally(new FuzzRequest(qemu, 0, 0, 1, false), progress);
        try (FuzzPair pair = FuzzPair.start(qemu, KnownDifferences.bundled(), PATIENCE)) {
            tally.with(pair.version(), pair.identity());
            tally.add(script, pair.run(script));
        } catch (QemuError e) {
            throw unusable(e);
        }
        return tally.report();
    }

    /// Records what a QEMU shows for the scripts of a range of seeds.
    ///
    /// @param file what is written: docs/recordings.md
    /// @return how many scripts there are in it
    /// @throws InputError when there is no QEMU that works, or the file cannot be written
    public static long record(FuzzRequest request, Path file, Progress progress) throws InputError {
        List<Recording.Case> cases = new ArrayList<>();
        long all = request.last() - request.first() + 1;
        try (FuzzPair pair = FuzzPair.start(request.peer(), KnownDifferences.bundled(), PATIENCE)) {
            for (long seed = request.first(); seed <= request.last(); seed++) {
                cases.add(pair.record(pair.script(seed)));
                progress.at("recording QEMU " + pair.version(), cases.size(), all);
            }
            Recordings.write(pair.recording(cases), file);
        } catch (QemuError e) {
            throw unusable(e);
        }
        return cases.size();
    }

    /// Records what a QEMU shows for the script in a file.
    ///
    /// @param file what is written: docs/recordings.md
    /// @throws InputError when there is no script or no QEMU that works, or it cannot be written
    public static void record(Path script, FuzzRequest.Peer qemu, Path file) throws InputError {
        SmmuScript steps = read(script);
        try (FuzzPair pair = FuzzPair.start(qemu, KnownDifferences.bundled(), PATIENCE)) {
            Recordings.write(pair.recording(List.of(pair.record(steps))), file);
        } catch (QemuError e) {
            throw unusable(e);
        }
    }

    /// Holds the model against a recording.
    ///
    /// @throws InputError when the file is no recording
    public static FuzzReport against(Path file, Progress progress) throws InputError {
        Recording recording = Recordings.read(file);
        int size = recording.cases().size();
        if (size == 0) {
            throw new InputError(file + " has no scripts in it", "record some with --seeds A..B");
        }
        SmmuIdentity identity = FuzzPair.named(recording.identity());
        FuzzTally tally = new FuzzTally(new FuzzRequest(0, size - 1L, 1, false), progress);
        tally.with(recording.version(), identity.name());
        Judge judge =
                new Judge(
                        identity,
                        KnownDifferences.bundled().of(recording.version()),
                        recording.machine());
        for (Recording.Case c : recording.cases()) {
            tally.add(c.script(), judge.judge(c.script(), c.outcome()));
        }
        return tally.report();
    }

    private static SmmuScript read(Path file) throws InputError {
        try {
            return ScriptText.parse(Files.readString(file));
        } catch (IOException e) {
            throw new InputError(file + " cannot be read: " + e.getMessage(), "");
        } catch (IllegalArgumentException e) {
            throw new InputError(
                    file + ", " + e.getMessage(), "one step a line, as fuzz writes it");
        }
    }

    private static InputError unusable(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        if (e instanceof RuntimeException bug && !(e instanceof QemuError)) {
            throw bug;
        }
        return new InputError(
                "no comparison with QEMU: " + e.getMessage(),
                "qemu-system-aarch64 must be on PATH (Debian: qemu-system-arm)");
    }

    private static void work(FuzzRequest request, KnownDifferences known, FuzzTally tally) {
        try (FuzzPair pair = FuzzPair.start(request.peer(), known, PATIENCE)) {
            tally.with(pair.version(), pair.identity());
            for (long seed = tally.next(); seed <= request.last(); seed = tally.next()) {
                SmmuScript script = pair.script(seed);
                Judge.Verdict verdict = pair.run(script);
                if (verdict.mismatch().isPresent() && request.shrink()) {
                    Optional<String> kind = verdict.mismatch().map(Mismatch::kind);
                    script = Shrinker.shrink(script, s -> pair.shows(s, kind));
                    verdict = pair.run(script);
                }
                tally.add(script, verdict);
            }
        }
    }
}
