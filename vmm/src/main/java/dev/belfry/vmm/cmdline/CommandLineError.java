package dev.belfry.vmm.cmdline;

/// The command line cannot be used: the one exception that this package and
/// `dev.belfry.vmm.machine` throw.
///
/// Its message is complete: `line 7, column 12: -device arm-smmuv3: what is wrong; what is right`.
public class CommandLineError extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String rule;
    private final transient Position at;
    private final String sentence;
    private final String fix;

    /// @param rule a stable identifier such as `OPTION-UNKNOWN`
    /// @param at where
    /// @param sentence what is wrong, without the place
    /// @param fix what would be right, or empty
    public CommandLineError(String rule, Position at, String sentence, String fix) {
        super(
                at
                        + ": "
                        + (at.text().isEmpty() ? "" : at.shortText() + ": ")
                        + sentence
                        + (fix.isEmpty() ? "" : "; " + fix));
        this.rule = rule;
        this.at = at;
        this.sentence = sentence;
        this.fix = fix;
    }

    /// A stable identifier.
    public String rule() {
        return rule;
    }

    /// Where the command line is wrong.
    public Position at() {
        return at;
    }

    /// What is wrong, without its place.
    public String sentence() {
        return sentence;
    }

    /// What would be right, or empty.
    public String fix() {
        return fix;
    }
}
