package dev.belfry.vmm.cmdline;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A command line with edits made in place: comments, line breaks and quotes stay as they were.
///
/// @param text the repaired text
/// @param left what could not be done mechanically
public record Repair(String text, List<Edit> left) {

    /// As rules write them: every property has a value, and no value a comma.
    private static final Pattern DEVICE =
            Pattern.compile("-device ([^\\s,=]+(?:,[^\\s,=]+=[^\\s,]*)*)(?!\\S)");

    public Repair {
        left = List.copyOf(left);
    }

    /// Makes the edits.
    ///
    /// @param text as it was read
    /// @param commandLine what was read from it
    public static Repair of(String text, CommandLine commandLine, List<Edit> edits) {
        SourceText source = new SourceText(text);
        List<SourceText.Change> changes = new ArrayList<>();
        List<Edit> left = new ArrayList<>();
        for (Edit edit : edits.stream().distinct().toList()) {
            List<SourceText.Change> made = changes(source, commandLine, edit);
            boolean free =
                    made.stream().noneMatch(m -> changes.stream().anyMatch(c -> c.overlaps(m)));
            if (made.isEmpty() || !free) {
                left.add(edit);
            } else {
                changes.addAll(made);
            }
        }
        return new Repair(source.with(changes), left);
    }

    private static List<SourceText.Change> changes(
            SourceText source, CommandLine commandLine, Edit edit) {
        if (edit instanceof Edit.Write write) {
            return List.of(source.written(write)); // it need not be part of an option
        }
        Optional<Option> option = option(commandLine, edit.at());
        Optional<SourceText.Words> words = option.flatMap(o -> source.words(o));
        if (words.isEmpty()) {
            return List.of();
        }
        return switch (edit) {
            case Edit.Set set -> set(option.get(), words.get(), set.key(), set.value());
            case Edit.Rename rename ->
                    words.get().pairs(option.get()).stream()
                            .filter(p -> p.is(rename.key()))
                            .map(p -> p.replacedBy(rename.now(), rename.value()))
                            .toList();
            case Edit.Remove remove -> remove(source, commandLine, option.get(), remove.key());
            case Edit.Drop _ -> List.of(source.withoutWords(words.get()));
            case Edit.Replace replace ->
                    List.of(
                            new SourceText.Change(
                                    words.get().start(), words.get().end(), replace.words()));
            case Edit.Insert insert ->
                    List.of(
                            source.before(
                                    words.get(),
                                    option.get().json() && option.get().name().equals("device")
                                            ? jsonDevices(insert.words())
                                            : insert.words()));
            case Edit.Write write -> List.of(source.written(write));
            case Edit.Move move -> move(source, commandLine, words.get(), move.before());
        };
    }

    /// The same with devices as JSON. QEMU makes devices that are not before all that are, so that
    /// they would not find a bus of these.
    private static String jsonDevices(String words) {
        return DEVICE.matcher(words)
                .replaceAll(m ->
                        Matcher.quoteReplacement(
                                Pattern.compile(",")
                                        .splitAsStream("driver=" + m.group(1))
                                        .map(pair -> pair.split("=", 2))
                                        .map(p -> Pair.written(Pair.Form.JSON, p[0], p[1]))
                                        .collect(Collectors.joining(",", "-device '{", "}'"))));
    }

    private static List<SourceText.Change> set(
            Option option, SourceText.Words words, String key, String value) {
        List<Pair> given = words.pairs(option).stream().filter(p -> p.is(key)).toList();
        if (given.isEmpty()) {
            return List.of(words.appended(option, key, value));
        }
        Pair counts = key.equals("id") ? given.getFirst() : given.getLast();
        return List.of(counts.replacedBy(counts.key(), value));
    }

    /// What is merged from several options must go from all of them.
    private static List<SourceText.Change> remove(
            SourceText source, CommandLine commandLine, Option option, String key) {
        List<SourceText.Change> out = new ArrayList<>();
        List<Option> all =
                option.name().equals("machine")
                        ? commandLine.all("machine").toList()
                        : List.of(option);
        for (Option each : all) {
            source.words(each)
                    .ifPresent(w -> {
                        List<Pair> pairs = w.pairs(each);
                        List<Pair> given = pairs.stream().filter(p -> p.is(key)).toList();
                        List<Pair> doomed =
                                given.size() < 2 || option.name().equals("machine")
                                        ? given
                                        : key.equals("id")
                                                ? given.subList(1, given.size())
                                                : given.subList(0, given.size() - 1);
                        if (!doomed.isEmpty() && doomed.size() == pairs.size()) {
                            out.add(source.withoutWords(w)); // nothing would be left to say
                        } else {
                            doomed.forEach(p -> out.add(p.removed()));
                        }
                    });
        }
        return out;
    }

    private static List<SourceText.Change> move(
            SourceText source, CommandLine commandLine, SourceText.Words moving, Position before) {
        return option(commandLine, before)
                .flatMap(source::words)
                .map(target ->
                        List.of(
                                source.withoutWords(moving),
                                source.before(target, source.verbatim(moving))))
                .orElse(List.of());
    }

    private static Optional<Option> option(CommandLine commandLine, Position at) {
        return commandLine.options().stream()
                .filter(o -> o.at().line() == at.line() && o.at().column() == at.column())
                .min(Comparator.comparingInt(o -> o.at().line()));
    }
}
