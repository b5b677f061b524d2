package dev.belfry.vmm.recorded;

/// What became of a command line.
///
/// @param started whether a machine came of it
/// @param words the first error, without the name of the program and of the option; empty when it
///   started
record Answer(boolean started, String words) {

    static final Answer STARTED = new Answer(true, "");

    static Answer refused(String words) {
        return new Answer(false, words);
    }

    /// How ours differs from QEMU's: in the verdict, or in the words.
    Difference.Kind against(Answer qemu) {
        if (started != qemu.started) {
            return started ? Difference.Kind.MISSED : Difference.Kind.FALSE_ALARM;
        }
        // QEMU's sentence may go on, and so may ours, with what is wrong there.
        return words.startsWith(qemu.words) || qemu.words.contains(words)
                ? Difference.Kind.NONE
                : Difference.Kind.WORDS;
    }
}
