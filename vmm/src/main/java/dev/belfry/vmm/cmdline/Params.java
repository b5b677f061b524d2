package dev.belfry.vmm.cmdline;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The `key=value` pairs of an option, in order, repetitions included.
public final class Params {

    /// No pairs.
    public static final Params NONE = new Params(List.of());

    private final List<Param> all;
    private final Map<String, List<Param>> byKey;

    /// @param all in the order written
    public Params(List<Param> all) {
        this.all = List.copyOf(all);
        byKey =
                all.stream()
                        .collect(
                                Collectors.groupingBy(
                                        Param::key, LinkedHashMap::new, Collectors.toList()));
    }

    /// The pairs in the order written.
    public List<Param> all() {
        return all;
    }

    /// The pair that counts for `key`: the first for `id`, the last for any other, as QEMU does it.
    public Optional<Param> find(String key) {
        List<Param> each = byKey.get(key);
        return each == null
                ? Optional.empty()
                : Optional.of(key.equals("id") ? each.getFirst() : each.getLast());
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
        return byKey.containsKey(key);
    }

    /// The keys, each once, in the order of their first appearance.
    public Set<String> keys() {
        return Collections.unmodifiableSet(byKey.keySet());
    }

    /// All pairs of `key`.
    public List<Param> each(String key) {
        return List.copyOf(byKey.getOrDefault(key, List.of()));
    }

    /// These pairs behind `earlier` ones, so that these win.
    public Params after(Params earlier) {
        if (earlier.all.isEmpty()) {
            return this;
        }
        List<Param> joined = new ArrayList<>(earlier.all);
        joined.addAll(all);
        return new Params(joined);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Params other && all.equals(other.all);
    }

    @Override
    public int hashCode() {
        return all.hashCode();
    }

    @Override
    public String toString() {
        return all.toString();
    }
}
