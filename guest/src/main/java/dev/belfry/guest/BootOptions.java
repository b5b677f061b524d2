package dev.belfry.guest;

import java.util.Optional;

/// What the kernel command line says about the IOMMU. The last of several options of one name
/// counts; a value that is no boolean is ignored.
///
/// @param passthrough `iommu.passthrough`: default domains are identity
/// @param strict `iommu.strict`: unmapping invalidates at once
/// @param msiPolling not `arm-smmu-v3.disable_msipolling`
/// @param cmdqv what is done with a Tegra241 CMDQ-V
public record BootOptions(boolean passthrough, boolean strict, boolean msiPolling, CmdqvUse cmdqv) {

    /// What is done with a Tegra241 CMDQ-V.
    public enum CmdqvUse {
        /// Its queues take the commands that they know.
        QUEUES,
        /// `arm-smmu-v3.bypass_vcmdq`: they are set up, but not used.
        BYPASS,
        /// `arm-smmu-v3.disable_cmdqv`: it is switched off.
        DISABLED
    }

    /// Parses a command line.
    public static BootOptions parse(String commandLine) {
        boolean passthrough = false;
        boolean strict = true;
        boolean msiPolling = true;
        boolean bypassVcmdq = false;
        boolean disableCmdqv = false;
        for (String word : commandLine.trim().split("\\s+", -1)) {
            int equals = word.indexOf('=');
            String name = (equals < 0 ? word : word.substring(0, equals)).replace('-', '_');
            // A module parameter without a value is true.
            Optional<Boolean> value =
                    equals < 0 ? Optional.of(true) : parseBoolean(word.substring(equals + 1));
            if (value.isEmpty()) {
                continue;
            }
            switch (name) {
                case "iommu.passthrough" -> passthrough = equals < 0 ? passthrough : value.get();
                case "iommu.strict" -> strict = equals < 0 ? strict : value.get();
                case "arm_smmu_v3.disable_msipolling" -> msiPolling = !value.get();
                case "arm_smmu_v3.bypass_vcmdq" -> bypassVcmdq = value.get();
                case "arm_smmu_v3.disable_cmdqv" -> disableCmdqv = value.get();
                default -> {}
            }
        }
        return new BootOptions(
                passthrough,
                strict,
                msiPolling,
                disableCmdqv ? CmdqvUse.DISABLED : bypassVcmdq ? CmdqvUse.BYPASS : CmdqvUse.QUEUES);
    }

    /// As `kstrtobool` reads it: the first letter counts, of `on` and `off` the second.
    private static Optional<Boolean> parseBoolean(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        char first = Character.toLowerCase(text.charAt(0));
        if (first == 'o' && text.length() > 1) {
            char second = Character.toLowerCase(text.charAt(1));
            return second == 'n'
                    ? Optional.of(true)
                    : second == 'f' ? Optional.of(false) : Optional.empty();
        }
        return switch (first) {
            case 'y', 't', '1' -> Optional.of(true);
            case 'n', 'f', '0' -> Optional.of(false);
            default -> Optional.empty();
        };
    }
}
