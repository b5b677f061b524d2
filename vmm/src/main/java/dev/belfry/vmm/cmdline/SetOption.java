package dev.belfry.vmm.cmdline;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `-set group.id.key=value`: one more pair for an option that was given before, as if it stood at
/// its end. Options in JSON have no group (QEMU `qemu_set_option`).
final class SetOption {

    private static final Pattern FORM =
            Pattern.compile("(?s)([^.]{1,63})\\.([^.]{1,63})\\.([^=]{1,63})=(.*)");

    /// Those of QEMU's groups that have ids and that Belfry reads.
    private static final List<String> GROUPS =
            List.of("device", "drive", "netdev", "nic", "net", "chardev", "fsdev", "mon");

    private SetOption() {}

    /// @param options those before it, of which one is replaced
    /// @throws CommandLineError when there is none that it speaks of
    static void apply(Option set, List<Option> options) {
        Matcher m = FORM.matcher(set.argument());
        if (!m.matches()) {
            throw wrong(
                    set,
                    "can't parse: \"" + set.argument() + "\"",
                    "write -set device.ID.PROPERTY=VALUE");
        }
        String group = m.group(1);
        String id = m.group(2);
        if (!GROUPS.contains(group)) {
            return;
        }
        for (int i = 0; i < options.size(); i++) {
            Option option = options.get(i);
            if (option.name().equals(group)
                    && !option.json()
                    && option.params().get("id", "").equals(id)) {
                options.set(i, with(option, new Param(m.group(3), m.group(4), set.at())));
                return;
            }
        }
        if (group.equals("device")) {
            throw wrong(
                    set,
                    "there is no device \"" + id + "\" defined",
                    "give it behind the -device, which is not JSON, with id=" + id);
        }
    }

    private static Option with(Option option, Param param) {
        List<Param> params = new ArrayList<>(option.params().all());
        params.add(param);
        return new Option(option.spec(), option.argument(), new Params(params), false, option.at());
    }

    private static CommandLineError wrong(Option set, String message, String fix) {
        return new CommandLineError("OPTION-SET", set.at(), message, fix);
    }
}
