package dev.belfry.vmm.rule;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The ways in which people keep a command line.
enum Spelling {
    /// One line, as typed.
    LINE,
    /// A shell script with comments and a here-document, on some lines.
    SCRIPT,
    /// The same from an editor of Windows.
    WINDOWS,
    /// Devices as JSON.
    JSON,
    /// As libvirt logs it: an environment, and an option a line.
    ARGS;

    private static final Pattern WORD =
            Pattern.compile("(?:'[^']*'|\"[^\"]*\"|“[^”]*”|\\\\.|[^\\s'\"“\\\\])+");
    private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,8}");
    private static final List<String> TEXTS =
            List.of("id", "addr", "host", "bus", "driver", "netdev", "drive");

    /// The command line in this way; the same bytes for the same random numbers.
    String of(String line, Random random) {
        List<List<String>> options = options(line);
        return switch (this) {
            case LINE -> line + (random.nextBoolean() ? "\n" : "");
            case SCRIPT -> script(options, random);
            case WINDOWS -> script(options, random).replace("\n", "\r\n");
            case JSON ->
                    options.stream()
                                    .map(o -> String.join(" ", json(o)))
                                    .collect(Collectors.joining(" "))
                            + "\n";
            case ARGS ->
                    "LC_ALL=C \\\nPATH=/usr/bin:/bin \\\nHOME='/var/lib/some where' \\\n"
                            + options.stream()
                                    .map(o -> String.join(" ", o))
                                    .collect(Collectors.joining(" \\\n"))
                            + "\n";
        };
    }

    /// The program, then each option with its argument.
    private static List<List<String>> options(String line) {
        List<List<String>> out = new ArrayList<>();
        Matcher m = WORD.matcher(line);
        while (m.find()) {
            if (out.isEmpty() || m.group().startsWith("-") || m.group().startsWith("–")) {
                out.add(new ArrayList<>());
            }
            out.getLast().add(m.group());
        }
        return out;
    }

    private static String script(List<List<String>> options, Random random) {
        String blank = List.of(" ", "    ", "\t").get(random.nextInt(3));
        StringBuilder out = new StringBuilder("#!/bin/sh\n# Für «gäste» -device nosuch \\\n\n");
        out.append("GREETING='no; option'\ncat > motd <<END\n");
        out.append("  it's -device nosuch,id=a,id=b\nEND\n");
        for (int i = 0; i < options.size(); i++) {
            out.append(i == 0 ? "" : random.nextInt(3) == 0 ? " " : " \\\n" + blank);
            out.append(String.join(" ", options.get(i)));
        }
        out.append(random.nextBoolean() ? "\n\n# done: -device nosuch\necho \"$GREETING\" \n" : "");
        return out.toString();
    }

    private static List<String> json(List<String> option) {
        if (option.size() != 2
                || !option.getFirst().equals("-device")
                || !option.getLast().matches("[\\w=,.:/-]+")) {
            return option;
        }
        String pairs =
                Pattern.compile(",")
                        .splitAsStream("driver=" + option.getLast())
                        .map(Spelling::jsonPair)
                        .collect(Collectors.joining(","));
        return List.of("-device", "'{" + pairs + "}'");
    }

    private static String jsonPair(String pair) {
        int equals = pair.indexOf('=');
        String key = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "on" : pair.substring(equals + 1);
        String written =
                TEXTS.contains(key)
                        ? '"' + value + '"'
                        : switch (value) {
                            case "on" -> "true";
                            case "off" -> "false";
                            default -> NUMBER.matcher(value).matches() ? value : '"' + value + '"';
                        };
        return '"' + key + "\":" + written;
    }
}
