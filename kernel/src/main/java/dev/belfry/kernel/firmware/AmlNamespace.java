package dev.belfry.kernel.firmware;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Names that a definition block declares, by absolute path, and its devices.
///
/// Loading stops at a term that it does not know, but only within the block that contains it, since
/// every block says how long it is. What is declared under a condition is left out. Paths are
/// written `\_SB_.PCI0`.
///
/// A namespace has a budget for everything that is done with it, so that hostile AML ends.
final class AmlNamespace {

    private static final int MAX_DEPTH = 32;

    /// In steps, or bytes made; a large server's tables spend a tenth.
    private static final int BUDGET = 1 << 23;

    private final Map<String, AmlValue> values = new LinkedHashMap<>();
    private final List<String> devices = new ArrayList<>();
    private int budget = BUDGET;

    private AmlNamespace() {}

    static AmlNamespace load(Table aml, int start) {
        AmlNamespace namespace = new AmlNamespace();
        namespace.terms(new AmlCursor(aml, start, aml.length()), "\\", 0);
        return namespace;
    }

    /// Pays for work.
    void spend(int cost) {
        budget -= Math.min(cost, budget + 1);
        if (budget < 0) {
            throw new FirmwareError("AML: takes too much work");
        }
    }

    /// Paths of devices, in the order of their declaration.
    List<String> devices() {
        return List.copyOf(devices);
    }

    Optional<AmlValue> value(String path) {
        return Optional.ofNullable(values.get(path));
    }

    /// What a name means in a scope (5.3): a single segment is looked for in the scope and then in
    /// each one around it.
    Optional<AmlValue> resolve(String scope, String name) {
        Optional<AmlValue> found = value(path(scope, name));
        boolean searchUp = name.length() == 4;
        String around = scope;
        while (found.isEmpty() && searchUp && around.length() > 1) {
            spend(around.length());
            around = parent(around);
            found = value(path(around, name));
        }
        return found;
    }

    /// The absolute path of a name that is written in a scope.
    static String path(String scope, String name) {
        if (name.startsWith("\\")) {
            return "\\" + name.substring(1);
        }
        String base = scope;
        String relative = name;
        while (relative.startsWith("^")) {
            base = parent(base);
            relative = relative.substring(1);
        }
        if (relative.isEmpty()) {
            return base;
        }
        return base.length() == 1 ? base + relative : base + "." + relative;
    }

    private static String parent(String path) {
        int dot = path.lastIndexOf('.');
        return dot < 0 ? "\\" : path.substring(0, dot);
    }

    private void terms(AmlCursor in, String scope, int depth) {
        try {
            boolean known = depth < MAX_DEPTH;
            while (known && !in.atEnd()) {
                spend(1);
                known = term(in, scope, depth);
            }
        } catch (FirmwareError e) {
            // The rest of this block cannot be read; what was declared before stands.
        }
    }

    /// Loads one term; false when it is not known how long it is.
    private boolean term(AmlCursor in, String scope, int depth) {
        switch (in.opcode()) {
            case AmlOp.NAME -> name(in, scope);
            case AmlOp.SCOPE -> scope(in.block(), scope, 0, false, depth);
            case AmlOp.DEVICE -> scope(in.block(), scope, 0, true, depth);
            case AmlOp.PROCESSOR -> scope(in.block(), scope, 6, false, depth);
            case AmlOp.POWER_RESOURCE -> scope(in.block(), scope, 3, false, depth);
            case AmlOp.THERMAL_ZONE -> scope(in.block(), scope, 0, false, depth);
            case AmlOp.METHOD -> method(in.block(), scope);
            case AmlOp.IF, AmlOp.ELSE, AmlOp.WHILE -> in.block();
            case AmlOp.FIELD, AmlOp.INDEX_FIELD, AmlOp.BANK_FIELD -> in.block();
            case AmlOp.MUTEX -> opaque(in, scope, 1);
            case AmlOp.EVENT -> opaque(in, scope, 0);
            case AmlOp.EXTERNAL -> opaque(in, scope, 2);
            case AmlOp.REGION -> region(in, scope);
            case AmlOp.ALIAS -> {
                String original = in.name();
                String alias = path(scope, in.name());
                resolve(scope, original).ifPresent(value -> declare(alias, value));
            }
            case AmlOp.NOOP -> {}
            default -> {
                return false;
            }
        }
        return true;
    }

    private void declare(String path, AmlValue value) {
        spend(path.length());
        values.put(path, value);
    }

    private void name(AmlCursor in, String scope) {
        String path = path(scope, in.name());
        declare(path, AmlEvaluator.constant(this, in, scope));
    }

    /// @param skip bytes between the name and the terms
    private void scope(AmlCursor in, String scope, int skip, boolean device, int depth) {
        String path = path(scope, in.name());
        for (int i = 0; i < skip; i++) {
            in.u8();
        }
        spend(path.length());
        if (device) {
            devices.add(path);
        }
        terms(in, path, depth + 1);
    }

    private void method(AmlCursor in, String scope) {
        String path = path(scope, in.name());
        int flags = in.u8();
        declare(path, new AmlValue.Method(path, flags & 7, in));
    }

    private void opaque(AmlCursor in, String scope, int skip) {
        String path = path(scope, in.name());
        for (int i = 0; i < skip; i++) {
            in.u8();
        }
        if (!values.containsKey(path)) {
            declare(path, new AmlValue.Opaque());
        }
    }

    private void region(AmlCursor in, String scope) {
        opaque(in, scope, 1);
        AmlEvaluator.constant(this, in, scope);
        AmlEvaluator.constant(this, in, scope);
    }
}
