package dev.belfry.cli;

import dev.belfry.lab.Progress;
import java.io.BufferedWriter;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/// Where a command prints, and what that place can do: colour and a progress line only on a
/// terminal, no colour when `NO_COLOR` is set (no-color.org).
public final class Terminal {

    private static final long MILLIS_BEFORE_PROGRESS = 400;
    private static final long MILLIS_BETWEEN_PROGRESS = 100;

    private final InputStream in;
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean interactive;
    private final Paint paint;

    Terminal(PrintWriter out, PrintWriter err, boolean interactive, boolean colour) {
        this(InputStream.nullInputStream(), out, err, interactive, colour);
    }

    private Terminal(
            InputStream in, PrintWriter out, PrintWriter err, boolean interactive, boolean colour) {
        this.in = in;
        this.out = out;
        this.err = err;
        this.interactive = interactive;
        this.paint = new Paint(colour);
    }

    /// The process's standard streams.
    static Terminal ofProcess() {
        boolean tty = isTerminal();
        String noColor = System.getenv("NO_COLOR");
        boolean colour = tty && (noColor == null || noColor.isEmpty());
        // System.out keeps to itself what could not be written.
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        return new Terminal(System.in, writer(out), writer(System.err), tty, colour);
    }

    /// Whether a person sits there. The launcher knows; without it, Java is asked.
    @SuppressWarnings("SystemConsoleNull") // it is null where input and output are both redirected
    private static boolean isTerminal() {
        String told = System.getProperty("belfry.terminal");
        if (told != null) {
            return told.equals("true");
        }
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    private static PrintWriter writer(OutputStream stream) {
        return new PrintWriter(
                new BufferedWriter(
                        new OutputStreamWriter(stream, StandardCharsets.UTF_8), 1 << 16));
    }

    /// Standard input; nothing where the terminal is not the process's.
    InputStream in() {
        return in;
    }

    /// Standard output: results.
    public PrintWriter out() {
        return out;
    }

    /// Standard error: complaints and progress.
    public PrintWriter err() {
        return err;
    }

    /// How to colour on standard output.
    public Paint paint() {
        return paint;
    }

    /// Says what is wrong with the input, in one message.
    void complain(String message, String fix) {
        err.println("belfry: " + clean(message));
        if (!fix.isEmpty()) {
            err.println("        " + clean(fix));
        }
        err.flush();
    }

    /// Messages quote what others sent; a terminal must not obey it.
    private static String clean(String text) {
        return text.replaceAll("[\\p{Cntrl}&&[^\n\t]]", "?");
    }

    void flush() {
        out.flush();
        err.flush();
    }

    /// A progress line on standard error, if that is a terminal and the work takes long enough to
    /// notice.
    Progress progress() {
        return interactive ? new Line() : Progress.NONE;
    }

    /// Removes the progress line.
    void endProgress() {
        if (interactive) {
            err.print("\r\033[K");
            err.flush();
        }
    }

    private final class Line implements Progress {
        private final long started = System.currentTimeMillis();
        private long last;

        @Override
        public void at(String step, long done, long total) {
            long now = System.currentTimeMillis();
            if (now - started < MILLIS_BEFORE_PROGRESS || now - last < MILLIS_BETWEEN_PROGRESS) {
                return;
            }
            last = now;
            err.print("\r\033[K" + step + (total > 0 ? " " + done + "/" + total : ""));
            err.flush();
        }
    }
}
