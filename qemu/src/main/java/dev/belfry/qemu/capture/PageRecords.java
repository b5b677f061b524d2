package dev.belfry.qemu.capture;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.system.PageImage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Pages one after another: a little-endian 8-byte physical address and 4,096 bytes each.
final class PageRecords {

    /// Bytes a record.
    static final int RECORD = 8 + PageImage.PAGE;

    private PageRecords() {}

    /// The pages in `raw[from, to)`.
    ///
    /// @throws CaptureError when a record is cut short, not page aligned, or a page comes twice
    static PageImage read(String name, byte[] raw, int from, int to) {
        if ((to - from) % RECORD != 0) {
            throw new CaptureError(name + " ends in the middle of a page");
        }
        ByteBuffer in = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
        Map<Long, byte[]> pages = new HashMap<>();
        for (int at = from; at < to; at += RECORD) {
            long address = in.getLong(at);
            if ((address & (PageImage.PAGE - 1)) != 0) {
                throw new CaptureError(name + " has a page at " + Hex.of(address));
            }
            if (pages.put(address, Arrays.copyOfRange(raw, at + 8, at + RECORD)) != null) {
                throw new CaptureError(name + " has the page " + Hex.of(address) + " twice");
            }
        }
        return new PageImage(pages);
    }

    /// Appends all pages, lowest first.
    static void write(PageImage pages, ByteArrayOutputStream out) {
        ByteBuffer address = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        for (long page : pages.addresses()) {
            out.writeBytes(address.putLong(0, page).array());
            out.writeBytes(pages.page(page).toArray());
        }
    }
}
