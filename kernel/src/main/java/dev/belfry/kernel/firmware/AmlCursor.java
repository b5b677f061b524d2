package dev.belfry.kernel.firmware;

/// A place in AML and the end of the block that it is in.
final class AmlCursor {

    private final Table aml;
    private final int end;
    private int at;

    AmlCursor(Table aml, int at, int end) {
        this.aml = aml;
        this.at = at;
        this.end = end;
    }

    boolean atEnd() {
        return at >= end;
    }

    int position() {
        return at;
    }

    /// Another cursor at the same place.
    AmlCursor copy() {
        return new AmlCursor(aml, at, end);
    }

    /// The next byte, which stays.
    int peek() {
        need(1);
        return aml.u8(at);
    }

    int u8() {
        return (int) number(1);
    }

    long number(int width) {
        need(width);
        long value = aml.number(at, width);
        at += width;
        return value;
    }

    /// An opcode of one byte, or of two with the extension prefix.
    int opcode() {
        int first = u8();
        return first == AmlOp.EXTENDED ? first << 8 | u8() : first;
    }

    /// A block with a PkgLength (20.2.4) in front; this cursor goes on behind it.
    AmlCursor block() {
        int start = at;
        int lead = u8();
        int following = lead >>> 6;
        long length = following == 0 ? lead & 0x3f : lead & 0xf;
        for (int i = 0; i < following; i++) {
            length |= (long) u8() << (4 + 8 * i);
        }
        if (length < at - start || length > end - start) {
            throw aml.malformed("a block of " + length + " bytes", start);
        }
        AmlCursor block = new AmlCursor(aml, at, start + (int) length);
        at = block.end;
        return block;
    }

    /// What is left of the block.
    Table rest() {
        Table rest = new Table("AML buffer", aml.copy(at, end - at));
        at = end;
        return rest;
    }

    /// A string without its terminator.
    String string() {
        StringBuilder text = new StringBuilder();
        for (int c = u8(); c != 0; c = u8()) {
            text.append((char) c);
        }
        return text.toString();
    }

    /// A NameString (20.2.2): `\` or carets as written, then segments joined by dots.
    String name() {
        StringBuilder name = new StringBuilder();
        while (peek() == AmlOp.ROOT || peek() == AmlOp.PARENT) {
            name.append((char) u8());
        }
        int segments = segments();
        for (int i = 0; i < segments; i++) {
            need(4);
            name.append(i == 0 ? "" : ".").append(aml.text(at, 4));
            at += 4;
        }
        return name.toString();
    }

    private int segments() {
        int prefix = peek();
        if (prefix != AmlOp.ZERO && prefix != AmlOp.DUAL_NAME && prefix != AmlOp.MULTI_NAME) {
            return 1;
        }
        at++;
        return prefix == AmlOp.ZERO ? 0 : prefix == AmlOp.DUAL_NAME ? 2 : u8();
    }

    /// Whether a name begins here.
    boolean atName() {
        int c = peek();
        return (c >= 'A' && c <= 'Z')
                || c == '_'
                || c == AmlOp.ROOT
                || c == AmlOp.PARENT
                || c == AmlOp.DUAL_NAME
                || c == AmlOp.MULTI_NAME;
    }

    FirmwareError unsupported(String what) {
        return aml.malformed(what, at);
    }

    private void need(int bytes) {
        if (end - at < bytes) {
            throw aml.malformed("a block ends too early", at);
        }
    }
}
