package dev.belfry.vmm.cmdline;

import dev.belfry.vmm.cmdline.ShellWord.Break;
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

    /// Whether a command's program is a QEMU.
    static boolean startsQemu(List<ShellWord> words) {
        return !command(words, ShellScript::isQemu).isEmpty();
    }

    /// The words of the longest command whose program is a QEMU. Without one, those of the command
    /// with the most of QEMU's options, whatever its program is called; all words when there is
    /// none.
    static List<ShellWord> command(List<ShellWord> words) {
        List<ShellWord> named = command(words, ShellScript::isQemu);
        if (!named.isEmpty()) {
            return named;
        }
        List<ShellWord> other = command(words, ShellScript::beginsCommand);
        return options(other) > 1 ? other : words.stream().filter(w -> !w.operator()).toList();
    }

    /// Whether this is a script, or another text, in which nothing looks like a QEMU's command: no
    /// program of that name, no options alone, and no command with options of QEMU's.
    static boolean startsNothing(List<ShellWord> words) {
        if (words.isEmpty() || words.getFirst().isOption() || startsQemu(words)) {
            return false;
        }
        List<ShellWord> command = command(words, ShellScript::beginsCommand);
        long options = options(command);
        return options == 0 || (options == 1 && command.size() < words.size());
    }

    private interface Start {
        boolean is(List<ShellWord> words, int index);
    }

    private static List<ShellWord> command(List<ShellWord> words, Start start) {
        List<ShellWord> longest = List.of();
        for (int i = 0; i < words.size(); i++) {
            if (start.is(words, i)) {
                List<ShellWord> command = from(words, i);
                if (command.size() > longest.size()) {
                    longest = command;
                }
                i += Math.max(0, command.size() - 1);
            }
        }
        return longest;
    }

    private static boolean isQemu(List<ShellWord> words, int i) {
        ShellWord word = words.get(i);
        boolean ofAnOption = i > 0 && !word.startsLine() && takesArgument(words.get(i - 1));
        return !word.operator()
                && !ofAnOption
                && word.text().length() < LONGEST_PROGRAM
                && QEMU.matcher(word.text()).matches();
    }

    private static boolean beginsCommand(List<ShellWord> words, int i) {
        ShellWord word = words.get(i);
        return !word.operator() && (word.startsLine() || words.get(i - 1).operator());
    }

    private static long options(List<ShellWord> command) {
        return command.stream().filter(w -> OptionTable.find(name(w)).isPresent()).count();
    }

    private static List<ShellWord> from(List<ShellWord> words, int start) {
        List<ShellWord> command = new ArrayList<>();
        boolean argument = false;
        for (int i = start; i < words.size(); i++) {
            ShellWord word = words.get(i);
            boolean another = word.startsLine() && i > start && !argument && !word.isOption();
            if (word.operator() || another) {
                break;
            }
            boolean prompt = word.text().equals(">") && word.before() == Break.CONTINUED;
            if (!argument && !prompt && REDIRECTION.matcher(word.text()).matches()) {
                // `> file`: the file is the next word.
                i += word.text().matches("[0-9]?(>>?|<)") ? 1 : 0;
            } else if (!prompt && !ALL_ARGUMENTS.matcher(word.text()).matches()) {
                command.add(word);
                argument = !argument && takesArgument(word);
            }
        }
        return List.copyOf(command);
    }

    private static boolean takesArgument(ShellWord word) {
        return word.isOption()
                && OptionTable.find(name(word))
                        .map(spec -> spec.syntax().takesArgument())
                        .orElse(false);
    }

    private static String name(ShellWord option) {
        String text = option.text();
        return text.startsWith("--")
                ? text.substring(2)
                : text.startsWith("-") ? text.substring(1) : "";
    }
}
