package dev.belfry.vmm.reader;

import dev.belfry.vmm.catalog.Description;
import dev.belfry.vmm.catalog.Property;
import dev.belfry.vmm.catalog.Refusals;
import dev.belfry.vmm.catalog.ValueType;
import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Written;
import dev.belfry.vmm.machine.Iommufd;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.version.QemuVersion;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Holds the properties that a device is given against those that QEMU says it has.
///
/// Whoever reads a property afterwards takes its default where it was wrong, and says nothing more.
final class PropertyCheck {

    private static final Set<String> OF_EVERY_DEVICE = Set.of("driver", "id", "bus");

    /// What a device tells of itself.
    private static final Set<String> READ_ONLY =
            Set.of("parent_bus", "hotplugged", "hotpluggable", "type");

    /// What cannot be left out without making another machine of it.
    private static final Set<String> NEEDED = Set.of("accel");

    private final QemuVersion qemu;
    private final Problems problems;
    private final List<String> iommufds;
    private final Set<String> ids = new HashSet<>();

    /// @param objects the ids of all objects, which QEMU makes before devices
    PropertyCheck(
            QemuVersion qemu, Set<String> objects, List<Iommufd> iommufds, Problems problems) {
        this.iommufds = iommufds.stream().map(Iommufd::id).toList();
        this.qemu = qemu;
        this.problems = problems;
        ids.addAll(objects);
    }

    /// Looks at a device, in the order in which QEMU makes them.
    void check(DeviceDraft device, Description known) {
        // -global is applied when the device is made, before all of its own.
        for (Param p : device.params().all()) {
            if (isGlobal(p)) {
                check(device, known, p);
            }
        }
        for (String key : PropertyOrder.of(device.params().keys())) {
            if (!OF_EVERY_DEVICE.contains(key)) {
                device.params()
                        .find(key)
                        .filter(p -> !isGlobal(p))
                        .ifPresent(p -> check(device, known, p));
            }
        }
        if (!device.id().isEmpty()) {
            ids.add(device.id());
        }
    }

    private static boolean isGlobal(Param p) {
        return p.at().text().startsWith("-global ");
    }

    private void check(DeviceDraft device, Description known, Param p) {
        int dot = p.key().indexOf('.');
        String key = dot < 0 ? p.key() : p.key().substring(0, dot);
        Optional<Property> property = known.property(key, qemu);
        if (property.isEmpty()) {
            notThere(device, known, p);
        } else if (key.equals("iommufd")) {
            iommufd(device, p);
        } else if (dot < 0) {
            ValueType type = property.get().type();
            Refusals.KEYVAL
                    .of(ownerOf(known, key), key, p.value(), p.written(), type)
                    .or(() -> unlinked(type, p.value()))
                    .ifPresent(words -> refused(device, known, p, words, type));
        }
    }

    private void iommufd(DeviceDraft device, Param p) {
        String id = p.value();
        if (id.isEmpty() || iommufds.contains(id)) {
            return;
        }
        Optional<String> near = problems.nearest("VFIO-IOMMUFD-UNKNOWN", id, () -> iommufds);
        add(
                device,
                p,
                "VFIO-IOMMUFD-UNKNOWN",
                "Device '" + id + "' not found",
                near.map(n -> "did you mean iommufd=" + n + "?")
                        .orElse("add -object iommufd,id=" + id),
                near.<Edit>map(n -> new Edit.Set(device.at(), "iommufd", n))
                        .orElse(new Edit.Insert(device.at(), "-object iommufd,id=" + id)));
    }

    /// A virtio function passes most properties on to the device inside it.
    private static String ownerOf(Description known, String key) {
        String name = known.name();
        boolean inside =
                name.startsWith("virtio-") && known.bus().equals("PCI") && key.equals("mac");
        return inside ? name.substring(0, name.indexOf("-pci")) + "-device" : name;
    }

    private Optional<String> unlinked(ValueType type, String id) {
        boolean looked = type instanceof ValueType.Link l && !OTHERWISE.contains(l.to());
        return looked && !id.isEmpty() && !id.contains("/") && !ids.contains(id)
                ? Optional.of("Device '" + id + "' not found")
                : Optional.empty();
    }

    /// Links that their own readers follow.
    private static final Set<String> OTHERWISE = Set.of("PCI", "iommufd");

    private void notThere(DeviceDraft device, Description known, Param p) {
        boolean own = READ_ONLY.contains(p.key());
        String words =
                "Property '"
                        + known.name()
                        + "."
                        + p.key()
                        + (own ? "' is not writable" : "' not found");
        Optional<QemuVersion> later = known.later(p.key(), p.value(), qemu);
        if (later.isPresent()) {
            tooOld(device, p, words, p.key(), later.get());
            return;
        }
        Optional<String> near =
                known.properties().containsKey(p.key())
                        ? Optional.empty()
                        : problems.nearest("PROPERTY-UNKNOWN", p.key(), () -> known.names(qemu));
        Edit edit =
                near.<Edit>map(n -> new Edit.Rename(device.at(), p.key(), n, p.value()))
                        .orElse(new Edit.Remove(device.at(), p.key()));
        add(
                device,
                p,
                "PROPERTY-UNKNOWN",
                words,
                near.map(n -> "did you mean " + n + "?").orElse("remove " + p.key() + "="),
                edit);
    }

    private void refused(
            DeviceDraft device, Description known, Param p, String words, ValueType type) {
        Optional<QemuVersion> later = known.later(p.key(), p.value(), qemu);
        if (later.isPresent()) {
            tooOld(device, p, words, p.key() + "=" + p.value(), later.get());
            return;
        }
        boolean word = p.written() != Written.WORD && type.takes(p.value());
        add(
                device,
                p,
                word ? "JSON-TYPE" : "PROPERTY-VALUE",
                words,
                word ? "write " + type.json(p.key(), p.value()) : "it takes " + type.right());
    }

    private void tooOld(DeviceDraft device, Param p, String words, String what, QemuVersion since) {
        boolean needed = NEEDED.contains(p.key());
        add(
                device,
                p,
                "QEMU-TOO-OLD",
                words + ": QEMU " + qemu + " does not have it, " + since + " does",
                "use QEMU " + since + " or newer" + (needed ? "" : ", or remove " + what),
                needed ? new Edit[0] : new Edit[] {new Edit.Remove(device.at(), p.key())});
    }

    private void add(
            DeviceDraft device, Param p, String rule, String words, String fix, Edit... edits) {
        String said =
                isGlobal(p)
                        ? "can't apply global "
                                + device.driver()
                                + "."
                                + p.key()
                                + "="
                                + p.value()
                                + ": "
                                + words
                        : words;
        problems.add(
                device.order(),
                Problem.error(rule, Phase.DEVICE_ADD, p.at(), said)
                        .fix(fix)
                        .repair(isGlobal(p) ? new Edit[0] : edits));
    }
}
