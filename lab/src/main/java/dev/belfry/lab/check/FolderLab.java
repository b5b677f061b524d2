package dev.belfry.lab.check;

import dev.belfry.lab.InputError;
import dev.belfry.lab.InputFile;
import dev.belfry.lab.Progress;
import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.input.Launch;
import dev.belfry.vmm.input.Launches;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/// Checks every `.xml`, `.args` and `.sh` below a folder, as many at once as there are processors.
/// Each file's machines live on one thread, so the reports do not depend on how many.
public final class FolderLab {

    private static final List<String> ENDINGS = List.of(".xml", ".args", ".sh");

    private FolderLab() {}

    /// Checks them.
    ///
    /// @return a report a file, by name
    /// @throws InputError when there is nothing to check
    public static List<CheckReport> check(Path folder, Conditions conditions, Progress progress)
            throws InputError {
        List<Path> files = files(folder);
        CheckLab lab = new CheckLab(conditions);
        List<CheckReport> out = new ArrayList<>();
        try (ExecutorService pool =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            List<Future<CheckReport>> running =
                    files.stream()
                            .map(f ->
                                    pool.submit(
                                            () -> check(lab, folder.relativize(f).toString(), f)))
                            .toList();
            for (Future<CheckReport> report : running) {
                out.add(report.get());
                progress.at("checking", out.size(), files.size());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InputError(folder + ": interrupted", "");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
        return out;
    }

    private static List<Path> files(Path folder) throws InputError {
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> files =
                    all.filter(Files::isRegularFile)
                            .filter(f -> ENDINGS.stream().anyMatch(f.toString()::endsWith))
                            .sorted()
                            .toList();
            if (files.isEmpty()) {
                throw new InputError(
                        folder + ": there is no .xml, .args or .sh below it",
                        "give a folder with domains or command lines");
            }
            return files;
        } catch (IOException e) {
            throw new InputError(folder + ": cannot be read", "give a file or a folder");
        }
    }

    /// A file that cannot be used is a finding, so that the others are checked all the same.
    private static CheckReport check(CheckLab lab, String name, Path file) {
        Launch launch;
        try {
            launch = Launches.read(InputFile.read(file));
        } catch (InputError e) {
            launch =
                    new Launch(
                            Launch.Form.COMMAND_LINE,
                            "",
                            new CommandLine("", List.of()),
                            List.of(
                                    Problem.error(
                                                    "FILE-UNREAD",
                                                    Phase.OPTIONS,
                                                    new Position(1, 1, ""),
                                                    e.text())
                                            .fix(e.fix())));
        }
        return lab.check(name, launch);
    }
}
