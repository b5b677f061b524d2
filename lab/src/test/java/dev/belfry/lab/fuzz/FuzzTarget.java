package dev.belfry.lab.fuzz;

import dev.belfry.guest.firmware.FirmwareReader;
import dev.belfry.host.description.DescriptionError;
import dev.belfry.host.description.HostDescription;
import dev.belfry.kernel.firmware.FirmwareError;
import dev.belfry.kernel.firmware.FirmwareMemory;
import dev.belfry.lab.InputError;
import dev.belfry.lab.run.Scenario;
import dev.belfry.qemu.capture.Bundle;
import dev.belfry.qemu.capture.CaptureError;
import dev.belfry.vmm.check.CheckedMachine;
import dev.belfry.vmm.check.Terms;
import dev.belfry.vmm.input.Launch;
import dev.belfry.vmm.input.Launches;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

/// Where bytes of others come in. Each takes any bytes; it ends in an answer or in the one error
/// that its reader promises, and anything else that is thrown is a fault of ours.
public enum FuzzTarget {
    /// A command line, a shell script.
    COMMAND_LINE {
        @Override
        void take(byte[] bytes) {
            check(Launches.read(text(bytes)));
        }
    },
    /// A libvirt domain: what is taken begins with `<`.
    DOMAIN {
        @Override
        void take(byte[] bytes) {
            check(Launches.read("<" + text(bytes)));
        }
    },
    /// A device as JSON.
    DEVICE {
        @Override
        void take(byte[] bytes) {
            check(
                    Launches.read(
                            List.of("qemu-system-aarch64", "-M", "virt", "-device", text(bytes))));
        }
    },
    /// A host's description.
    HOST {
        @Override
        void take(byte[] bytes) {
            try {
                HostDescription.read("host.yaml", text(bytes));
            } catch (DescriptionError e) {
                oneLine(e.getMessage());
            }
        }
    },
    /// What happens to a running machine.
    SCENARIO {
        @Override
        void take(byte[] bytes) {
            try {
                Scenario.read("scenario.yaml", text(bytes));
            } catch (InputError e) {
                oneSentence(e.text());
            }
        }
    },
    /// A bundle, before it is compressed.
    BUNDLE {
        @Override
        void take(byte[] bytes) {
            try {
                Bundle.read("fuzz.belfry", zipped(bytes));
            } catch (CaptureError e) {
                oneSentence(e.getMessage());
            }
        }
    },
    /// A memory dump beside a text with registers.
    CORE {
        @Override
        void take(byte[] bytes) {
            CoreFiles.read(bytes);
        }
    },
    /// ACPI tables or a device tree, in memory from [#BASE] on.
    FIRMWARE {
        @Override
        void take(byte[] bytes) {
            try {
                FirmwareReader.read(memory(bytes), BASE);
            } catch (FirmwareError e) {
                oneSentence(e.getMessage());
            }
        }
    };

    private static final long BASE = 0x4000_0000L;

    abstract void take(byte[] bytes);

    /// The folder of its corpus.
    String folder() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static void oneSentence(String message) {
        if (message.isBlank()) {
            throw new AssertionError("no sentence: " + message);
        }
    }

    static void oneLine(String message) {
        oneSentence(message);
        if (message.chars().anyMatch(Character::isISOControl)) {
            throw new AssertionError("more than a line: " + message);
        }
    }

    private static void check(Launch launch) {
        CheckedMachine.read(launch, Terms.ANY_HOST);
    }

    private static byte[] zipped(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static FirmwareMemory memory(byte[] bytes) {
        return (address, length) -> {
            long offset = address - BASE;
            if (offset < 0 || length < 0 || offset > bytes.length - (long) length) {
                throw new FirmwareError("not RAM");
            }
            return Arrays.copyOfRange(bytes, (int) offset, (int) offset + length);
        };
    }
}
