package dev.belfry.vmm.cmdline;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The `key=value` pairs of an option, in order, repetitions included.
///
/// @param all in the order written
public record Params(List<Param> all) {

    /// No pairs.
    public static final Params NONE = new Params(List.of());

    public Params {
        all = List.copyOf(all);
    }

    /// The pair that counts for `key`: the first for `id`, the last for any other, as QEMU does it.
    public Optional<Param> find(String key) {
        Param found = null;
        for (Param param : all) {
            if (param.key().equals(key)) {
                found = param;
                if (key.equals("id")) {
                    break;
                }
            }
        }
        return Optional.ofNullable(found);
    }

    /// The value that counts for `key`.
    public Optional<String> get(String key) {
        return find(key).map(Param::value);
    }

    /// The value that counts for `key`, or `absent`.
    public String get(String key, String absent) {
        return get(key).orElse(absent);
    }

    /// Whether `key` was given.
    public boolean has(String key) {
        return find(key).isPresent();
    }

    /// The keys, each once, in the order of their first appearance.
    public Set<String> keys() {
        Set<String> keys = new LinkedHashSet<>();
        all.forEach(p -> keys.add(p.key()));
        return keys;
    }

    /// All pairs of `key`.
    public List<Param> each(String key) {
        return all.stream().filter(p -> p.key().equals(key)).toList();
    }

    /// These pairs behind `earlier` ones, so that these win.
    public Params after(Params earlier) {
        List<Param> joined = new ArrayList<>(earlier.all);
        joined.addAll(all);
        return new Params(joined);
    }
}
