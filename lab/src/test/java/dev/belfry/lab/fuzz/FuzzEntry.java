package dev.belfry.lab.fuzz;

/// What Jazzer calls; the system property `belfry.fuzz.target` says who takes the bytes.
public final class FuzzEntry {

    /// Name of the system property.
    static final String TARGET = "belfry.fuzz.target";

    private static final FuzzTarget TAKES =
            FuzzTarget.valueOf(System.getProperty(TARGET, "DEVICE"));

    private FuzzEntry() {}

    /// Classes are loaded here, so that no input seems to hang for their sake.
    public static void fuzzerInitialize() {
        TAKES.take(new byte[] {'{', '}'});
    }

    /// One input.
    public static void fuzzerTestOneInput(byte[] bytes) {
        TAKES.take(bytes);
    }
}
