package dev.belfry.vmm.cmdline;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Finds the command of a script that starts a QEMU.
///
/// Files with a command line alone need not continue their lines with backslashes: a line that
/// begins with an option, or with what the option before it lacks, goes on with the command.
final class ShellScript {

    private static final Pattern QEMU =
            Pattern.compile(
                    "(.*/)?(qemu-system-[A-Za-z0-9_.-]+|qemu-kvm|kvm)|\\$\\{?\\w*(qemu|QEMU)\\w*\\}?");
    private static final Pattern REDIRECTION = Pattern.compile("[0-9]?(>>?|<)(&[0-9-])?(.*)");
    private static final Pattern ALL_ARGUMENTS = Pattern.compile("\\$[@*]|\\$\\{[@*]\\}");
    private static final int LONGEST_PROGRAM = 4096;

    private ShellScript() {}

    /// The words of the longest command whose program is a QEMU; all words when there is none.
    static List<Token> command(List<ShellWord> words) {
        List<Token> longest = List.of();
        for (int i = 0; i < words.size(); i++) {
            ShellWord word = words.get(i);
            boolean ofAnOption = i > 0 && !word.startsLine() && words.get(i - 1).isOption();
            if (!word.operator()
                    && !ofAnOption
                    && word.text().length() < LONGEST_PROGRAM
                    && QEMU.matcher(word.text()).matches()) {
                List<Token> command = from(words, i);
                if (command.size() > longest.size()) {
                    longest = command;
                }
                i += Math.max(0, command.size() - 1);
            }
        }
        return longest.isEmpty()
                ? words.stream().filter(ShellScript::matters).map(ShellWord::token).toList()
                : longest;
    }

    /// A background job's `&`, or the like, at the very end.
    private static boolean matters(ShellWord word) {
        return !word.operator();
    }

    private static List<Token> from(List<ShellWord> words, int start) {
        List<Token> command = new ArrayList<>();
        boolean argument = false;
        for (int i = start; i < words.size(); i++) {
            ShellWord word = words.get(i);
            boolean another = word.startsLine() && i > start && !argument && !word.isOption();
            if (word.operator() || another) {
                break;
            }
            if (!argument && REDIRECTION.matcher(word.text()).matches()) {
                // `> file`: the file is the next word.
                i += word.text().matches("[0-9]?(>>?|<)") ? 1 : 0;
            } else if (!ALL_ARGUMENTS.matcher(word.text()).matches()) {
                command.add(word.token());
                argument = !argument && word.isOption() && takesArgument(word.text());
            }
        }
        return List.copyOf(command);
    }

    private static boolean takesArgument(String option) {
        String name = option.substring(option.startsWith("--") ? 2 : 1);
        return OptionTable.find(name).map(spec -> spec.syntax().takesArgument()).orElse(false);
    }
}
