package dev.belfry.kernel.firmware;

import dev.belfry.model.bits.Bits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Evaluates control methods that only compute: what `_DSM`, `_CRS`, `_SEG`, `_BBN` of host bridges
/// do. A term beyond that ends the evaluation with a [FirmwareError], and so does spending more
/// than the namespace allows.
final class AmlEvaluator {

    private static final int MAX_DEPTH = 32;
    private static final int MAX_BUFFER = 1 << 16;

    /// How a list of terms ended.
    private enum Flow {
        NEXT,
        BREAK,
        CONTINUE,
        RETURN
    }

    /// One call.
    private static final class Frame {
        private final String scope;
        private final AmlValue[] arguments = new AmlValue[7];
        private final AmlValue[] locals = new AmlValue[8];
        private final Map<String, AmlValue> names = new HashMap<>();
        private AmlValue result = new AmlValue.Int(0);

        Frame(String scope, List<AmlValue> arguments) {
            this.scope = scope;
            Arrays.fill(this.arguments, new AmlValue.Opaque());
            Arrays.fill(locals, new AmlValue.Opaque());
            for (int i = 0; i < arguments.size(); i++) {
                this.arguments[i] = arguments.get(i);
            }
        }
    }

    private final AmlNamespace namespace;
    private final boolean mayCall;
    private int depth;

    private AmlEvaluator(AmlNamespace namespace, boolean mayCall) {
        this.namespace = namespace;
        this.mayCall = mayCall;
    }

    /// The value of an object: what a name holds, or what a method returns. Empty when there is
    /// none, or when it cannot be evaluated.
    static Optional<AmlValue> evaluate(AmlNamespace namespace, String path, AmlValue... arguments) {
        AmlEvaluator evaluator = new AmlEvaluator(namespace, true);
        try {
            return namespace.value(path).map(value -> evaluator.call(value, List.of(arguments)));
        } catch (FirmwareError e) {
            return Optional.empty();
        }
    }

    /// The value of a term outside of any method. It may refer to values, but call nothing.
    static AmlValue constant(AmlNamespace namespace, AmlCursor in, String scope) {
        return new AmlEvaluator(namespace, false).expression(in, new Frame(scope, List.of()));
    }

    private AmlValue call(AmlValue value, List<AmlValue> arguments) {
        if (!(value instanceof AmlValue.Method method)) {
            return value;
        }
        if (!mayCall) {
            throw new FirmwareError("AML: a call where a constant belongs");
        }
        Frame frame =
                new Frame(
                        method.scope(),
                        arguments.subList(0, Math.min(arguments.size(), method.arguments())));
        enter();
        terms(method.body().copy(), frame);
        depth--;
        return frame.result;
    }

    private void enter() {
        if (++depth > MAX_DEPTH) {
            throw new FirmwareError("AML: nested too deeply");
        }
    }

    private Flow terms(AmlCursor in, Frame frame) {
        enter();
        Flow flow = Flow.NEXT;
        while (!in.atEnd() && flow == Flow.NEXT) {
            namespace.spend(1);
            flow = statement(in, frame);
        }
        depth--;
        return flow;
    }

    private Flow statement(AmlCursor in, Frame frame) {
        switch (in.peek()) {
            case AmlOp.IF -> {
                in.u8();
                return branch(in, frame);
            }
            case AmlOp.WHILE -> {
                in.u8();
                return loop(in.block(), frame);
            }
            case AmlOp.RETURN -> {
                in.u8();
                frame.result = expression(in, frame);
                return Flow.RETURN;
            }
            case AmlOp.BREAK -> {
                return Flow.BREAK;
            }
            case AmlOp.CONTINUE -> {
                return Flow.CONTINUE;
            }
            case AmlOp.NOOP -> in.u8();
            case AmlOp.NAME -> {
                in.u8();
                String path = AmlNamespace.path(frame.scope, in.name());
                frame.names.put(path, expression(in, frame));
            }
            default -> expression(in, frame);
        }
        return Flow.NEXT;
    }

    private Flow branch(AmlCursor in, Frame frame) {
        AmlCursor then = in.block();
        boolean taken = expression(then, frame).toInteger() != 0;
        Optional<AmlCursor> otherwise = Optional.empty();
        if (!in.atEnd() && in.peek() == AmlOp.ELSE) {
            in.u8();
            otherwise = Optional.of(in.block());
        }
        if (taken) {
            return terms(then, frame);
        }
        return otherwise.map(block -> terms(block, frame)).orElse(Flow.NEXT);
    }

    private Flow loop(AmlCursor block, Frame frame) {
        while (true) {
            namespace.spend(1);
            AmlCursor body = block.copy();
            if (expression(body, frame).toInteger() == 0) {
                return Flow.NEXT;
            }
            Flow flow = terms(body, frame);
            if (flow == Flow.RETURN) {
                return flow;
            }
            if (flow == Flow.BREAK) {
                return Flow.NEXT;
            }
        }
    }

    private AmlValue expression(AmlCursor in, Frame frame) {
        namespace.spend(1);
        enter();
        AmlValue value = in.atName() ? named(in, frame) : operation(in, frame);
        depth--;
        return value;
    }

    private AmlValue named(AmlCursor in, Frame frame) {
        String name = in.name();
        AmlValue local = frame.names.get(AmlNamespace.path(frame.scope, name));
        AmlValue value =
                local != null
                        ? local
                        : namespace.resolve(frame.scope, name).orElse(new AmlValue.Opaque());
        List<AmlValue> arguments = new ArrayList<>();
        if (value instanceof AmlValue.Method method) {
            for (int i = 0; i < method.arguments(); i++) {
                arguments.add(expression(in, frame));
            }
        }
        return call(value, arguments);
    }

    private AmlValue operation(AmlCursor in, Frame frame) {
        int op = in.opcode();
        if (op >= AmlOp.LOCAL0 && op < AmlOp.LOCAL0 + 8) {
            return frame.locals[op - AmlOp.LOCAL0];
        }
        if (op >= AmlOp.ARG0 && op < AmlOp.ARG0 + 7) {
            return frame.arguments[op - AmlOp.ARG0];
        }
        return switch (op) {
            case AmlOp.ZERO -> new AmlValue.Int(0);
            case AmlOp.ONE -> new AmlValue.Int(1);
            case AmlOp.ONES -> new AmlValue.Int(-1);
            case AmlOp.BYTE -> new AmlValue.Int(in.number(1));
            case AmlOp.WORD -> new AmlValue.Int(in.number(2));
            case AmlOp.DWORD -> new AmlValue.Int(in.number(4));
            case AmlOp.QWORD -> new AmlValue.Int(in.number(8));
            case AmlOp.STRING -> string(in);
            case AmlOp.BUFFER -> buffer(in.block(), frame);
            case AmlOp.PACKAGE -> elements(in.block(), frame, false);
            case AmlOp.VAR_PACKAGE -> elements(in.block(), frame, true);
            case AmlOp.STORE -> store(in, frame, expression(in, frame));
            case AmlOp.TO_INTEGER ->
                    store(in, frame, new AmlValue.Int(expression(in, frame).toInteger()));
            case AmlOp.TO_BUFFER -> store(in, frame, expression(in, frame));
            case AmlOp.SIZE_OF -> size(in, expression(in, frame));
            case AmlOp.LNOT -> truth(expression(in, frame).toInteger() == 0);
            case AmlOp.LEQUAL -> truth(equal(expression(in, frame), expression(in, frame)));
            case AmlOp.INCREMENT -> change(in, frame, 1);
            case AmlOp.DECREMENT -> change(in, frame, -1);
            default -> binary(op, in, frame);
        };
    }

    private AmlValue binary(int op, AmlCursor in, Frame frame) {
        boolean known =
                switch (op) {
                    case AmlOp.LAND, AmlOp.LOR, AmlOp.LGREATER, AmlOp.LLESS -> true;
                    case AmlOp.ADD, AmlOp.SUBTRACT, AmlOp.MULTIPLY -> true;
                    case AmlOp.AND, AmlOp.OR, AmlOp.XOR -> true;
                    case AmlOp.SHIFT_LEFT, AmlOp.SHIFT_RIGHT -> true;
                    default -> false;
                };
        if (!known) {
            throw in.unsupported("an operation that is not evaluated");
        }
        long a = expression(in, frame).toInteger();
        long b = expression(in, frame).toInteger();
        int shift = Math.clamp(b, 0, 64);
        return switch (op) {
            case AmlOp.LAND -> truth(a != 0 && b != 0);
            case AmlOp.LOR -> truth(a != 0 || b != 0);
            case AmlOp.LGREATER -> truth(Long.compareUnsigned(a, b) > 0);
            case AmlOp.LLESS -> truth(Long.compareUnsigned(a, b) < 0);
            case AmlOp.ADD -> store(in, frame, new AmlValue.Int(a + b));
            case AmlOp.SUBTRACT -> store(in, frame, new AmlValue.Int(a - b));
            case AmlOp.MULTIPLY -> store(in, frame, new AmlValue.Int(a * b));
            case AmlOp.AND -> store(in, frame, new AmlValue.Int(a & b));
            case AmlOp.OR -> store(in, frame, new AmlValue.Int(a | b));
            case AmlOp.XOR -> store(in, frame, new AmlValue.Int(a ^ b));
            case AmlOp.SHIFT_LEFT -> store(in, frame, new AmlValue.Int(Bits.shiftLeft(a, shift)));
            default -> store(in, frame, new AmlValue.Int(Bits.shiftRight(a, shift)));
        };
    }

    private static AmlValue truth(boolean is) {
        return new AmlValue.Int(is ? -1 : 0);
    }

    private static boolean equal(AmlValue a, AmlValue b) {
        if (a instanceof AmlValue.Buf x && b instanceof AmlValue.Buf y) {
            return Arrays.equals(
                    x.bytes().copy(0, x.bytes().length()), y.bytes().copy(0, y.bytes().length()));
        }
        if (a instanceof AmlValue.Str x && b instanceof AmlValue.Str y) {
            return x.text().equals(y.text());
        }
        return a.toInteger() == b.toInteger();
    }

    private static AmlValue size(AmlCursor in, AmlValue of) {
        return switch (of) {
            case AmlValue.Buf it -> new AmlValue.Int(it.bytes().length());
            case AmlValue.Str it -> new AmlValue.Int(it.text().length());
            case AmlValue.Pack it -> new AmlValue.Int(it.elements().size());
            case AmlValue.Int _, AmlValue.Method _, AmlValue.Opaque _ ->
                    throw in.unsupported("the size of something without one");
        };
    }

    private AmlValue change(AmlCursor in, Frame frame, int by) {
        AmlCursor target = in.copy();
        long value = expression(in, frame).toInteger() + by;
        return store(target, frame, new AmlValue.Int(value));
    }

    /// Consumes a target (20.2.5.4) and leaves `value` there. Zero is none; a name is changed for
    /// the rest of the call only.
    private AmlValue store(AmlCursor in, Frame frame, AmlValue value) {
        if (in.peek() == AmlOp.ZERO) {
            in.u8();
        } else if (in.atName()) {
            frame.names.put(AmlNamespace.path(frame.scope, in.name()), value);
        } else {
            int op = in.opcode();
            if (op >= AmlOp.LOCAL0 && op < AmlOp.LOCAL0 + 8) {
                frame.locals[op - AmlOp.LOCAL0] = value;
            } else if (op >= AmlOp.ARG0 && op < AmlOp.ARG0 + 7) {
                frame.arguments[op - AmlOp.ARG0] = value;
            } else {
                throw in.unsupported("a target that is not evaluated");
            }
        }
        return value;
    }

    private AmlValue string(AmlCursor in) {
        String text = in.string();
        namespace.spend(text.length());
        return new AmlValue.Str(text);
    }

    /// A buffer may be declared longer than its initial bytes; the difference is zeros.
    private AmlValue buffer(AmlCursor block, Frame frame) {
        long size = expression(block, frame).toInteger();
        Table initial = block.rest();
        if (size < 0 || size > MAX_BUFFER) {
            throw block.unsupported("a buffer of " + size + " bytes");
        }
        namespace.spend((int) size + initial.length());
        byte[] bytes = Arrays.copyOf(initial.copy(0, initial.length()), (int) size);
        return new AmlValue.Buf(new Table("AML buffer", bytes));
    }

    /// Elements that are names are references, and not looked at.
    private AmlValue elements(AmlCursor block, Frame frame, boolean variable) {
        if (variable) {
            expression(block, frame);
        } else {
            block.u8();
        }
        List<AmlValue> elements = new ArrayList<>();
        while (!block.atEnd()) {
            namespace.spend(1);
            if (block.atName()) {
                block.name();
                elements.add(new AmlValue.Opaque());
            } else {
                elements.add(expression(block, frame));
            }
        }
        return new AmlValue.Pack(elements);
    }
}
