package dev.belfry.lab.compare;

import dev.belfry.lab.Progress;
import dev.belfry.lab.run.RunRequest.MsiDesign;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Compares MSI designs by running them.
public final class CompareLab {

    private CompareLab() {}

    /// Runs one cell.
    public static Cell cell(MsiDesign design, Situation situation) {
        return new CellRun(design, situation).run();
    }

    /// The ways to learn the doorbell's address.
    public static List<DoorbellRow> doorbells() {
        return DoorbellAxis.rows();
    }

    /// What invalidations cost with one device at work.
    public static EndpointCell endpoint(
            EndpointCell.Arrangement arrangement, EndpointCell.Worker worker) {
        return new EndpointAxis(arrangement).run(worker);
    }

    /// What invalidations cost in every arrangement, each device at work in turn.
    public static List<EndpointCell> endpoints() {
        List<EndpointCell> cells = new ArrayList<>();
        for (EndpointCell.Worker worker : EndpointCell.Worker.values()) {
            for (EndpointCell.Arrangement arrangement : EndpointCell.Arrangement.values()) {
                cells.add(endpoint(arrangement, worker));
            }
        }
        return List.copyOf(cells);
    }

    /// Runs every design in every situation, several at once: a platform lives on one thread, and
    /// shares nothing with another.
    ///
    /// @return designs in order, situations in order within each
    public static List<Cell> matrix(Progress progress) {
        try (ExecutorService threads =
                Executors.newFixedThreadPool(
                        Math.max(1, Runtime.getRuntime().availableProcessors()))) {
            List<Future<Cell>> running = new ArrayList<>();
            for (MsiDesign design : MsiDesign.values()) {
                for (Situation situation : Situation.values()) {
                    running.add(threads.submit(() -> cell(design, situation)));
                }
            }
            List<Cell> cells = new ArrayList<>();
            for (Future<Cell> f : running) {
                cells.add(get(f));
                progress.at("cells", cells.size(), running.size());
            }
            return List.copyOf(cells);
        }
    }

    private static Cell get(Future<Cell> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while cells ran", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a cell could not be run", e.getCause());
        }
    }
}
