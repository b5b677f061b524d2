package dev.belfry.vmm.cmdline;

import dev.belfry.vmm.cmdline.ShellWord.Break;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What a shell would trip over, as far as it stands in the command that is read or in variables.
final class ShellRemarks {

    private record Blanks(Position at, int count) {}

    private final Typography typography = new Typography();
    private final Set<Position> ofVariables = new HashSet<>();
    private final List<Blanks> blanks = new ArrayList<>();

    /// A typographic character.
    ///
    /// @param assigned whether a variable is assigned with it
    void typography(Typography.Kind kind, char c, Position at, boolean assigned) {
        typography.add(kind, c, at);
        if (assigned) {
            ofVariables.add(at);
        }
    }

    /// A backslash that spaces part from the line's end.
    void blanksBehind(Position at, int count) {
        blanks.add(new Blanks(at, count));
    }

    /// All that matters for a command.
    List<Remark> of(List<ShellWord> command) {
        if (command.isEmpty()) {
            return List.of();
        }
        int first = command.getFirst().token().at(0, "").line();
        int last = command.getLast().token().at(Integer.MAX_VALUE, "").line();
        List<Remark> out =
                new ArrayList<>(
                        typography.remarks(p ->
                                ofVariables.contains(p)
                                        || (p.line() >= first && p.line() <= last)));
        List<Blanks> here =
                blanks.stream().filter(b -> b.at.line() >= first && b.at.line() < last).toList();
        if (!here.isEmpty()) {
            out.add(blanksBehind(here));
        }
        lineEnd(command, out);
        return out;
    }

    private static Remark blanksBehind(List<Blanks> here) {
        return new Remark(
                "SHELL-LINE-END",
                false,
                here.getFirst().at,
                "a space follows the backslash, so that a shell ends the command here",
                "remove what stands between the backslash and the line's end",
                here.stream()
                        .<Edit>map(b ->
                                new Edit.Write(
                                        new Position(b.at.line(), b.at.column() + 1, ""),
                                        b.count,
                                        ""))
                        .toList());
    }

    /// Files with a command line alone need no backslashes; a script does.
    private static void lineEnd(List<ShellWord> command, List<Remark> out) {
        boolean continued = false;
        for (int i = 1; i < command.size(); i++) {
            ShellWord word = command.get(i);
            continued |= word.before() == Break.CONTINUED || word.before() == Break.COMMENT_LINE;
            if (continued && word.startsLine()) {
                boolean comment = word.before() == Break.COMMENT_LINE;
                Token before = command.get(i - 1).token();
                Position end = before.at(before.text().length(), "");
                Position at = word.token().at(0, word.text());
                boolean next = word.before() == Break.LINE && end.line() + 1 == at.line();
                out.add(
                        new Remark(
                                "SHELL-LINE-END",
                                false,
                                at,
                                comment
                                        ? "a comment stands above, and a shell ends the command there"
                                        : "the line above does not end in a backslash, so that a shell"
                                                + " ends the command there",
                                comment
                                        ? "move the comment above the command"
                                        : "end the line above in a backslash: \\",
                                next ? List.of(new Edit.Write(end, 0, " \\")) : List.of()));
                return;
            }
        }
    }
}
