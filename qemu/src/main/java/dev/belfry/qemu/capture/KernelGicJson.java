package dev.belfry.qemu.capture;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.system.KernelGic;
import dev.belfry.model.system.KernelGic.Device;
import dev.belfry.model.system.KernelGic.Event;
import dev.belfry.model.system.KernelGic.Interrupt;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The kernel's view of its GIC in a bundle's manifest (docs/bundle.md): rows of numbers.
final class KernelGicJson {

    private static final int EVENT = 5;
    private static final int INTERRUPT = 7;

    private KernelGicJson() {}

    static void write(KernelGic gic, ObjectNode to) {
        to.put("enabled", gic.enabled());
        ArrayNode devices = to.putArray("devices");
        for (Device d : gic.devices()) {
            ObjectNode device =
                    devices.addObject()
                            .put("its", Hex.of(d.its()))
                            .put("deviceId", d.deviceId())
                            .put("events", d.events());
            ArrayNode mapped = device.putArray("mapped");
            for (Event e : d.mapped()) {
                mapped.addArray()
                        .add(e.eventId())
                        .add(e.intId())
                        .add(e.target())
                        .add(e.collection())
                        .add(e.forwarded() ? 1 : 0);
            }
        }
        ArrayNode interrupts = to.putArray("interrupts");
        for (Interrupt i : gic.interrupts()) {
            interrupts
                    .addArray()
                    .add(i.intId())
                    .add(i.cpu())
                    .add(i.pending() ? 1 : 0)
                    .add(i.active() ? 1 : 0)
                    .add(i.enabled() ? 1 : 0)
                    .add(i.group())
                    .add(i.priority());
        }
    }

    /// @throws CaptureError when it is not of this form
    static KernelGic read(String name, JsonNode from) {
        List<Device> devices = new ArrayList<>();
        for (JsonNode d : from.path("devices")) {
            List<Event> mapped = new ArrayList<>();
            for (JsonNode e : d.path("mapped")) {
                long[] n = row(name, e, EVENT);
                mapped.add(new Event(n[0], (int) n[1], n[2], n[3], n[4] != 0));
            }
            devices.add(
                    new Device(
                            address(name, d.path("its")),
                            number(name, d.path("deviceId")),
                            number(name, d.path("events")),
                            mapped));
        }
        List<Interrupt> interrupts = new ArrayList<>();
        for (JsonNode i : from.path("interrupts")) {
            long[] n = row(name, i, INTERRUPT);
            interrupts.add(
                    new Interrupt(
                            (int) n[0],
                            (int) n[1],
                            n[2] != 0,
                            n[3] != 0,
                            n[4] != 0,
                            (int) n[5],
                            (int) n[6]));
        }
        return new KernelGic(from.path("enabled").asBoolean(false), devices, interrupts);
    }

    private static long[] row(String name, JsonNode row, int width) {
        if (row.size() != width) {
            throw wrong(name);
        }
        long[] out = new long[width];
        for (int i = 0; i < width; i++) {
            out[i] = number(name, row.path(i));
        }
        return out;
    }

    private static long number(String name, JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw wrong(name);
        }
        return value.longValue();
    }

    private static long address(String name, JsonNode value) {
        try {
            String text = value.asString("");
            return Long.parseUnsignedLong(text, text.startsWith("0x") ? 2 : 0, text.length(), 16);
        } catch (NumberFormatException e) {
            throw wrong(name);
        }
    }

    private static CaptureError wrong(String name) {
        return new CaptureError(
                name + " is not a usable bundle: its kernelGic is not of that form");
    }
}
