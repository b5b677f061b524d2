package dev.belfry.lab.run;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/// Something that is done to a machine while it runs: a step of a scenario, or what QMP asks for.
/// Devices are named by their `id=` or by their place in the guest, `BB:DD.F`.
public sealed interface Action {

    /// As scenarios and reports name it: `device_add`.
    default String key() {
        return switch (this) {
            case DeviceAdd _ -> "device_add";
            case DeviceDel _ -> "device_del";
            case SystemReset _ -> "system_reset";
            case Fire _, Dma _, Affinity _, Reset _ ->
                    getClass().getSimpleName().toLowerCase(Locale.ROOT);
        };
    }

    /// The device that it is about.
    String device();

    /// `device_add`: a device comes.
    ///
    /// @param properties as `-device` has them, `driver` among them
    record DeviceAdd(Map<String, String> properties) implements Action {
        public DeviceAdd {
            properties = Map.copyOf(properties);
        }

        @Override
        public String device() {
            return properties.getOrDefault("id", properties.getOrDefault("driver", ""));
        }
    }

    /// `device_del`: the guest is asked to let a device go.
    record DeviceDel(String device) implements Action {}

    /// `system_reset`: all of the machine, and the guest boots again.
    record SystemReset() implements Action {
        @Override
        public String device() {
            return "";
        }
    }

    /// The device raises a vector, or each of its vectors.
    record Fire(String device, OptionalInt vector) implements Action {}

    /// The device copies a page both ways.
    record Dma(String device) implements Action {}

    /// A vector goes to another CPU, and is raised.
    ///
    /// @param onHost the host moves it, which composes the device's own message again; else the
    ///   guest does
    record Affinity(String device, int vector, int cpu, boolean onHost) implements Action {}

    /// The guest resets the device alone, and takes it into use again.
    record Reset(String device) implements Action {}
}
