package dev.belfry.lab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.belfry.lab.InputError;
import dev.belfry.lab.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Command lines that are nearly right: whatever is dropped, doubled or altered, a run ends in a
/// report or in one [InputError].
class MutatedCommandLinesTest {

    private static final int MUTANTS = Integer.getInteger("belfry.mutants", 60);

    private static final List<String> SEEDS =
            List.of(
                    Runs.ONE_DEVICE,
                    Runs.KVM
                            + Runs.accelerated(1, 8)
                            + Runs.device("0009:01:00.0", 1)
                            + Runs.accelerated(2, 16)
                            + Runs.device("0018:06:00.0", 2)
                            + " -device nvme,serial=x,bus=pcie.0",
                    Runs.KVM
                            + Runs.accelerated(1, 8)
                            + " -device x3130-upstream,id=up1,bus=rp1"
                            + " -device xio3130-downstream,id=down1,bus=up1,chassis=2"
                            + " -device vfio-pci,host=0002:01:00.0,bus=down1,iommufd=iommufd0",
                    Runs.TCG.replace("virt,", "virt,iommu=smmuv3,")
                            + Runs.pxb(1, 8)
                            + " -device edu,bus=rp1 -device virtio-net-pci,bus=pcie.0",
                    Runs.TCG
                            + Runs.pxb(1, 8)
                            + " -device arm-smmuv3,primary-bus=pcie.1,id=s1,stage=nested"
                            + " -device {\"driver\":\"nvme\",\"serial\":\"a\",\"bus\":\"rp1\"}");

    private static final List<String> VALUES =
            List.of(
                    "",
                    "0",
                    "1",
                    "-1",
                    "on",
                    "off",
                    "auto",
                    "pcie.0",
                    "pcie.1",
                    "rp1",
                    "none",
                    "65536",
                    "255",
                    "256",
                    "2",
                    "3",
                    "48",
                    "44",
                    "32",
                    "2M",
                    "64K",
                    "4T",
                    "16E",
                    "0x10",
                    "smmuv3",
                    "tcg",
                    "kvm",
                    "host",
                    "vfio-pci",
                    "arm-smmuv3",
                    "e1000e",
                    "0009:01:00.0",
                    "02.0",
                    "1f.7",
                    "{",
                    "}",
                    "🔔",
                    "iommufd0",
                    "99999999999999999999");

    private static final List<String> KEYS =
            List.of(
                    "addr",
                    "bus",
                    "chassis",
                    "multifunction",
                    "bus_nr",
                    "oas",
                    "ats",
                    "ril",
                    "ssidsize",
                    "stage",
                    "accel",
                    "gic-version",
                    "its",
                    "msi",
                    "highmem",
                    "vectors",
                    "iommu_platform",
                    "bypass_iommu",
                    "primary-bus",
                    "acpi",
                    "cmdqv",
                    "slot",
                    "id",
                    "pref64-reserve",
                    "numa_node",
                    "x-vpasid-cap-offset",
                    "host",
                    "secure");

    private static final List<String> OPTIONS =
            List.of("-m", "-smp", "-machine", "-device", "-object", "-append", "-bios", "-kernel");

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void aMutantEndsInAReportOrInOneMessage(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int ran = 0;
        for (int i = 0; i < MUTANTS; i++) {
            List<String> words = mutant(random);
            if (outcome(words)) {
                ran++;
            }
        }
        assertThat(ran).as("mutants that still ran").isPositive();
    }

    /// Whether it ran.
    private static boolean outcome(List<String> words) {
        try {
            RunLab.run(
                    new RunRequest(
                            new RunRequest.Source.Words(words),
                            Optional.empty(),
                            RunRequest.Options.DEFAULT),
                    Progress.NONE);
            return true;
        } catch (InputError e) {
            assertThat(e.text()).isNotBlank().doesNotContain("\n").doesNotContain("Exception");
            return false;
        } catch (RuntimeException | Error e) {
            return fail("%s from: %s".formatted(e, String.join(" ", words)), e);
        }
    }

    private static List<String> mutant(SplittableRandom random) {
        List<String> words = new ArrayList<>(Arrays.asList(pick(random, SEEDS).split(" +")));
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            change(random, words);
        }
        return words;
    }

    private static void change(SplittableRandom random, List<String> words) {
        if (words.size() < 4) {
            return;
        }
        int at = 1 + random.nextInt(words.size() - 1);
        int option = words.get(at).startsWith("-") ? at : at - 1;
        switch (random.nextInt(7)) {
            case 0 -> words.remove(at);
            case 1 -> {
                words.remove(option);
                if (option < words.size()) {
                    words.remove(option);
                }
            }
            case 2 ->
                    words.addAll(
                            words.subList(option, Math.min(option + 2, words.size())).stream()
                                    .toList());
            case 3 -> words.set(at, pick(random, VALUES));
            case 4 ->
                    words.set(
                            at,
                            words.get(at) + "," + pick(random, KEYS) + "=" + pick(random, VALUES));
            case 5 -> words.set(at, withOtherValue(random, words.get(at)));
            default -> {
                words.add(pick(random, OPTIONS));
                words.add(pick(random, VALUES));
            }
        }
    }

    private static String withOtherValue(SplittableRandom random, String word) {
        String[] parts = word.split(",", -1);
        int part = random.nextInt(parts.length);
        int equals = parts[part].indexOf('=');
        parts[part] = parts[part].substring(0, equals + 1) + pick(random, VALUES);
        return String.join(",", parts);
    }

    private static <T> T pick(SplittableRandom random, List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
