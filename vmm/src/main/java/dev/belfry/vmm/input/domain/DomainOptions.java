package dev.belfry.vmm.input.domain;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Severity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The options that libvirt writes, in its order, and what is to be said about the domain.
final class DomainOptions {

    private static final String SOURCE = "libvirt docs/formatdomain.rst";

    private final List<Option> options = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private final Map<String, Integer> devices = new HashMap<>();
    private boolean full;

    /// The pairs of one option, while they are collected.
    static final class Pairs {
        private final List<Param> list = new ArrayList<>();
        private final Position at;

        private Pairs(Position at) {
            this.at = at;
        }

        Pairs add(String key, String value) {
            return add(key, value, at);
        }

        Pairs add(String key, String value, Position where) {
            list.add(new Param(key, value, where));
            return this;
        }

        /// Adds the attribute of an element, if it is there.
        Pairs addFrom(XmlElement element, String attribute, String key) {
            if (element.has(attribute)) {
                add(key, element.get(attribute), element.at(attribute));
            }
            return this;
        }
    }

    List<Option> options() {
        return options;
    }

    List<Problem> problems() {
        return problems;
    }

    static Pairs pairs(Position at) {
        return new Pairs(at);
    }

    /// `-device '{"driver":…}'`: libvirt writes JSON.
    void device(Pairs pairs) {
        json("device", pairs);
    }

    /// `-object '{"qom-type":…}'`.
    void object(Pairs pairs) {
        json("object", pairs);
    }

    private void json(String name, Pairs pairs) {
        Option made = Option.of(name, pairs.list, pairs.at);
        add(new Option(made.spec(), "", made.params(), true, pairs.at));
    }

    private void add(Option option) {
        if (options.size() < CommandLine.MOST_OPTIONS) {
            String id = option.name().equals("device") ? option.params().get("id", "") : "";
            if (!id.isEmpty()) {
                devices.putIfAbsent(id, options.size());
            }
            options.add(option);
        } else if (!full) {
            full = true;
            error(
                    "XML-LIMIT",
                    option.at(),
                    "the domain asks for more than 4,096 options: the rest is not read",
                    "no machine has room for so many devices");
        }
    }

    /// Whether no more is read.
    boolean full() {
        return full;
    }

    /// `-name key=value,…`
    void option(String name, Pairs pairs) {
        add(Option.of(name, pairs.list, pairs.at));
    }

    /// `-name text`
    void text(String name, String text, Position at) {
        add(Option.ofText(name, text, at));
    }

    /// Options that were written out.
    void addAll(List<Option> written) {
        written.forEach(this::add);
    }

    /// Puts a property into the device or object of that id; libvirt's `qemu:override`.
    ///
    /// @return whether there is one
    boolean override(String id, Param property) {
        Integer at = devices.get(id);
        if (at == null) {
            return false;
        }
        Option o = options.get(at);
        List<Param> all = new ArrayList<>(o.params().all());
        all.removeIf(p -> p.key().equals(property.key()));
        all.add(property);
        options.set(at, new Option(o.spec(), "", new Params(all), o.json(), o.at()));
        return true;
    }

    void error(String rule, Position at, String message, String fix) {
        say(Severity.ERROR, rule, at, message, fix);
    }

    void warning(String rule, Position at, String message, String fix) {
        say(Severity.WARNING, rule, at, message, fix);
    }

    void note(String rule, Position at, String message, String fix) {
        say(Severity.NOTE, rule, at, message, fix);
    }

    private void say(Severity severity, String rule, Position at, String message, String fix) {
        problems.add(
                Problem.of(severity, rule, Phase.OPTIONS, at, message)
                        .because("", SOURCE)
                        .fix(fix));
    }
}
