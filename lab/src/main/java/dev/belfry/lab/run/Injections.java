package dev.belfry.lab.run;

import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.FaultInjection;
import dev.belfry.host.uapi.Ioctl;
import dev.belfry.lab.InputError;
import dev.belfry.vmm.cmdline.Nearest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// System calls that are to fail: `CALL[:N]=ERRNO`.
///
/// @param failures one for each
public record Injections(List<FaultInjection.Failure> failures) {

    /// Nothing is made to fail.
    public static final Injections NONE = new Injections(List.of());

    public Injections {
        failures = List.copyOf(failures);
    }

    /// Reads several.
    ///
    /// @throws InputError when there is no such call or errno
    public static Injections read(List<String> texts) throws InputError {
        List<FaultInjection.Failure> all = new ArrayList<>();
        for (String text : texts) {
            all.add(read(text));
        }
        return new Injections(all);
    }

    private static final Pattern FORM = Pattern.compile("(\\w+)(?::(\\d{1,9}))?=(\\w+)");

    private static FaultInjection.Failure read(String text) throws InputError {
        Matcher m = FORM.matcher(text);
        if (!m.matches()) {
            throw new InputError(
                    "--inject " + text + ": a call and an errno are needed",
                    "CALL[:N]=ERRNO, as in IOMMU_VDEVICE_ALLOC:2=ENOMEM: its second call fails");
        }
        int nth = m.group(2) == null ? 1 : Integer.parseInt(m.group(2));
        if (nth == 0) {
            throw new InputError("--inject " + text + ": calls are counted from 1", "");
        }
        return new FaultInjection.Failure(
                find(Ioctl.values(), m.group(1), "call"),
                nth,
                find(Errno.values(), m.group(3), "errno"));
    }

    private static <E extends Enum<E>> E find(E[] all, String name, String what) throws InputError {
        String wanted = name.toUpperCase(Locale.ROOT);
        for (E e : all) {
            if (e.name().equals(wanted)) {
                return e;
            }
        }
        List<String> names = Stream.of(all).map(Enum::name).toList();
        throw new InputError(
                "--inject: no " + what + " " + name,
                Nearest.to(wanted, names)
                        .map(n -> "did you mean " + n + "?")
                        .orElse("one of " + String.join(", ", names)));
    }

    /// What was asked for and never came, because the call was not made so often.
    static List<RunReport.Note> missed(FaultInjection injection) {
        List<RunReport.Note> out = new ArrayList<>();
        for (FaultInjection.Failure f : injection.failures()) {
            int made = injection.count(f.call());
            if (made < f.nth()) {
                out.add(
                        new RunReport.Note(
                                "warning",
                                "--inject %s:%d=%s had no effect: the call was %s"
                                        .formatted(
                                                f.call(),
                                                f.nth(),
                                                f.errno(),
                                                made == 0
                                                        ? "never made"
                                                        : made == 1
                                                                ? "made once"
                                                                : "made " + made + " times")));
            }
        }
        return out;
    }
}
